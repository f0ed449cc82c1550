"""Ports on 127.0.0.1: which are free, and who holds one that is not."""

import secrets
import socket
from collections.abc import Collection, Iterator
from contextlib import suppress
from pathlib import Path

from local.services.model import ServiceError

HOST = "127.0.0.1"
# Below the ports that Linux and macOS give to outgoing connections, so that none of those is on
# ours by chance, now or at the next start. Reserved services lie below 10000 as a rule.
_LOWEST, _HIGHEST = 20_000, 32_767
_TRIES = 200
_LISTENS = "0A"  # the state in /proc/net/tcp


def free_port(*, besides: Collection[int] = ()) -> int:
    """A port that nothing listens on, chosen at random."""
    for _ in range(_TRIES):
        port = _LOWEST + secrets.randbelow(_HIGHEST - _LOWEST + 1)
        if port not in besides and is_free(port):
            return port
    raise ServiceError(f"no free port found on {HOST} between {_LOWEST} and {_HIGHEST}")


def is_free(port: int) -> bool:
    """Whether a server could listen on it now."""
    with socket.socket() as probe:
        # As servers do: connections of a server that has ended do not count.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
            probe.listen()
        except OSError:
            return False
    return True


def holder(port: int) -> str:
    """Who listens on a taken port, in words: "pid 12 (redis-server …)" where that can be read."""
    inodes = _listening(port)
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # ended in the meantime
            if not inodes.isdisjoint(open_files(int(folder.name))):
                words = (folder / "cmdline").read_bytes().split(b"\0")
                return f"pid {folder.name} ({b' '.join(words).decode(errors='replace').strip()})"
    return "another process"


def open_files(pid: int) -> Iterator[str]:
    """What a process has open, named as /proc/PID/fd shows it; nothing if it has ended or belongs
    to another user. proc(5)."""
    try:
        descriptors = list(Path(f"/proc/{pid}/fd").iterdir())
    except OSError:
        return
    for descriptor in descriptors:
        with suppress(OSError):  # closed in the meantime
            yield str(descriptor.readlink())


def _listening(port: int) -> set[str]:
    """The listening sockets with this port, named as /proc/PID/fd shows them. proc(5), net/tcp."""
    found = set()
    for table in (Path("/proc/net/tcp"), Path("/proc/net/tcp6")):
        if not table.exists():
            continue
        for line in table.read_text().splitlines()[1:]:
            fields = line.split()
            if fields[3] == _LISTENS and int(fields[1].rpartition(":")[2], 16) == port:
                found.add(f"socket:[{fields[9]}]")
    return found
