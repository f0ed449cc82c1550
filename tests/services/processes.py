"""What tests look at in processes that are not their own."""

import subprocess
import sys
from pathlib import Path

from local.services.ports import open_files
from local.services.process_table import find, members

ROOT = Path(__file__).resolve().parents[2]
_LISTENS = "0A"


def lives(pid: int) -> bool:
    row = find(pid)
    return row is not None and not row.zombie


def members_of(pid: int) -> list[int]:
    """All processes of the server that this one leads."""
    leader = find(pid)
    assert leader
    return [row.pid for row in members(leader)]


def addresses_listened_on(pid: int) -> set[str]:
    """The IPv4 addresses on which any process of the server listens. proc(5), net/tcp."""
    inodes = {name for member in members_of(pid) for name in open_files(member)}
    lines = Path("/proc/net/tcp").read_text().splitlines()[1:]
    rows = [line.split() for line in lines]
    return {
        ".".join(str(byte) for byte in reversed(bytes.fromhex(row[1].partition(":")[0])))
        for row in rows
        if row[3] == _LISTENS and f"socket:[{row[9]}]" in inodes
    }


def python(source: str, *arguments: object) -> "subprocess.Popen[str]":
    """Another Python that runs `source` with the project on its path; its output is a pipe."""
    return subprocess.Popen(
        [sys.executable, "-c", source, *(str(argument) for argument in arguments)],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        text=True,
    )
