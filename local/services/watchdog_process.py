"""The watchdog's own process: `python -S -m local.services.watchdog_process FD PARENT`.

Reads lines "guard PID SIGNAL" and "forget PID" from the pipe FD until it closes or PARENT is dead,
then ends what is still guarded. Standard library only.
"""

import os
import select
import signal
import sys
from collections.abc import Iterator

from local.services.ending import end
from local.services.process_table import Row, find

_LOOK_SECONDS = 1.0
_BYTES = 4096


def main(pipe: int, parent: int) -> None:
    """Guard until the parent is gone, then end its servers."""
    guarded: dict[Row, signal.Signals] = {}
    for line in _lines(pipe, parent=parent):
        verb, pid, *rest = line.split()
        row = find(int(pid))
        if verb == "guard" and row:
            guarded[row] = signal.Signals(int(rest[0]))
        elif verb == "forget":
            guarded = {row: number for row, number in guarded.items() if row.pid != int(pid)}
    end(guarded)


def _lines(pipe: int, *, parent: int) -> Iterator[str]:
    """What the parent says, until it is dead or has closed its end.

    A child that the parent forked without exec holds a copy of that end, and would keep the pipe
    open beyond the parent's death. So the parent itself is looked at, too: a process whose parent
    dies gets another one.
    """
    rest = b""
    while True:
        # Asked before reading: what the parent said until it died is then in the pipe.
        is_dead = os.getppid() != parent
        is_readable = select.select([pipe], [], [], 0 if is_dead else _LOOK_SECONDS)[0]
        received = os.read(pipe, _BYTES) if is_readable else b""
        if not received and (is_readable or is_dead):
            return
        *lines, rest = (rest + received).split(b"\n")
        yield from (line.decode() for line in lines)


if __name__ == "__main__":
    main(int(sys.argv[1]), int(sys.argv[2]))
