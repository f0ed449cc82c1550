"""What the whole local system takes while nothing is due."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

from bench.measure import Bench, Figures, Measure

SECONDS = 60
WARM_UP_SECONDS = 5  # until the first tick has begun and looked around
TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


def _idle(bench: Bench) -> Figures:
    with bench.dueline():
        time.sleep(WARM_UP_SECONDS)
        began, used = time.monotonic(), _cpu_seconds(bench.servers.pids)
        time.sleep(bench.size(SECONDS * 100) / 100)
        took = time.monotonic() - began
        return {"percent": (_cpu_seconds(bench.servers.pids) - used) / took * 100}


def _cpu_seconds(besides: frozenset[int]) -> float:
    """Of this process and all it has started, but not of the servers. proc(5), /proc/pid/stat."""
    return sum(_of(pid) for pid in _tree(os.getpid(), besides))


def _tree(pid: int, besides: frozenset[int]) -> Iterator[int]:
    yield pid
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in map(int, children.read_text().split()):
            if child not in besides:
                yield from _tree(child, besides)


def _of(pid: int) -> float:
    """With the children that have ended: a tick ends every minute or so."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(map(int, fields[11:15])) / TICKS_PER_SECOND


IDLE = Measure(
    name="idle",
    title="Idle",
    note=f"CPU of the emulated platform with its triggers and functions over {SECONDS} s in which "
    "nothing is due, in percent of one core. The servers are not in it.",
    columns={"percent": "% of a core"},
    run=_idle,
)
