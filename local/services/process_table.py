"""Which processes run, and which of them belong to a server. Standard library only: the watchdog
runs it in an interpreter without site-packages.

A server is more than its process group: PostgreSQL's backends and some of RabbitMQ's helpers make
sessions of their own. It is the group of the leading process and everything that descends from it.
"""

import subprocess
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path

_PROC = Path("/proc")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """One process. `started` tells it from a later one to which the system gave the same pid."""

    pid: int
    started: str
    parent: int = field(compare=False)
    group: int = field(compare=False)
    zombie: bool = field(compare=False)


def is_alive(row: Row) -> bool:
    """Whether this very process still runs. One that only waits to be reaped does not."""
    now = find(row.pid)
    return now is not None and now == row and not now.zombie


def find(pid: int) -> Row | None:
    """The process with this id, or None."""
    if (_PROC / "self/stat").exists():
        return _from_proc(pid)
    return next(iter(rows_of_ps("-p", str(pid))), None)


def members(leader: Row) -> list[Row]:
    """All living processes of the server that `leader` leads, itself first if it lives."""
    rows = [row for row in _table() if not row.zombie]
    found = {row.pid: row for row in rows if row.group == leader.pid}
    while more := {row.pid: row for row in rows if row.parent in found and row.pid not in found}:
        found |= more
    return sorted(found.values(), key=lambda row: row.pid != leader.pid)


def _table() -> Iterable[Row]:
    if not (_PROC / "self/stat").exists():
        return rows_of_ps("-A")
    pids = (int(entry.name) for entry in _PROC.iterdir() if entry.name.isdigit())
    return [row for pid in pids if (row := _from_proc(pid))]


def _from_proc(pid: int) -> Row | None:
    """proc(5): pid (name) state ppid pgrp …, where field 22 is the start time in clock ticks."""
    try:
        text = (_PROC / str(pid) / "stat").read_text(errors="replace")
    except OSError:
        return None
    # The name may itself hold spaces and parentheses; nothing after it does.
    state, parent, group, *rest = text.rpartition(")")[2].split()
    return Row(
        pid=pid, parent=int(parent), group=int(group), zombie=state in "ZX", started=rest[16]
    )


def rows_of_ps(*selection: str) -> list[Row]:
    """The processes that ps(1) selects. For systems without /proc: BSD, macOS."""
    # One -o for each: what follows a "=" is the column's heading, commas included (POSIX).
    columns = [f"-o{column}=" for column in ("pid", "ppid", "pgid", "stat", "lstart")]
    shown = subprocess.run(
        ["ps", *columns, *selection], capture_output=True, text=True, check=False
    )
    rows = []
    for line in shown.stdout.splitlines():
        pid, parent, group, state, started = line.split(maxsplit=4)
        rows.append(
            Row(
                pid=int(pid),
                parent=int(parent),
                group=int(group),
                zombie=state.startswith("Z"),
                started=started,
            )
        )
    return rows
