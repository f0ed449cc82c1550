"""The folder of one server: locked while it is used, with what is kept between runs."""

import fcntl
import json
import os
import secrets
import time
from datetime import timedelta
from pathlib import Path
from types import TracebackType

from local.services.ending import GRACE
from local.services.model import Progress, ServiceError, quiet
from local.services.ports import free_port, holder, is_free
from local.services.process_table import find

# The watchdog of a run that was killed needs up to its grace to end the servers.
_ENDING = GRACE + timedelta(seconds=2)
_POLL_SECONDS = 0.05


class Folder:
    """A server's folder, for one owner at a time.

    The lock is a flock(2) that the server's process inherits. So it is held for as long as the
    server runs, even when the process that started it was killed.
    """

    def __init__(self, path: Path, *, mode: int = 0o700, progress: Progress = quiet) -> None:
        """Make the folder if it is not there, and lock it. Raises ServiceError when in use."""
        path.mkdir(parents=True, exist_ok=True)
        self.path = path
        self.log = path / "server.log"
        self.lock = os.open(path / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        self._kept = path / "kept.json"
        self._progress = progress
        try:
            self._take_lock()
            path.chmod(mode)
            self.log.write_bytes(b"")
        except BaseException:
            os.close(self.lock)
            raise

    def password(self) -> str:
        """The server's password, made at random at the first start."""
        kept = self._read()
        if "password" not in kept:
            kept["password"] = secrets.token_hex(16)
            self._write(kept)
        return kept["password"]

    def port(self, wanted: int | None) -> int:
        """The port to listen on: `wanted`, or that of the last run, or a free one."""
        if wanted is not None:
            if not is_free(wanted):
                raise ServiceError(
                    f"port {wanted}, wanted for {self.path.name}, is held by {holder(wanted)}: "
                    "end that process or choose another port"
                )
            return wanted
        kept = self._read()
        last = int(kept.get("port", "0"))
        if last and is_free(last):
            return last
        port = free_port()
        if last:
            self._progress(
                f"{self.path.name}: port {last} of the last run is held by {holder(last)}; "
                f"{port} instead"
            )
        self._write(kept | {"port": str(port)})
        return port

    def close(self) -> None:
        """Give the lock back."""
        os.close(self.lock)

    def __enter__(self) -> "Folder":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _take_lock(self) -> None:
        give_up = time.monotonic() + _ENDING.total_seconds()
        while not self._try_lock():
            owner = os.pread(self.lock, 20, 0).decode()
            row = find(int(owner)) if owner else None
            if row and not row.zombie:
                raise ServiceError(
                    f"{self.path} is in use by process {owner}: stop that one "
                    "(Ctrl-C or kill), or choose another data folder"
                )
            if time.monotonic() > give_up:
                raise ServiceError(
                    f"the server of {self.path} still runs, though process {owner}, which started "
                    f"it, is gone: end the processes that have {self.path}/lock open"
                )
            # The process that started the server is gone: its watchdog is ending the server.
            time.sleep(_POLL_SECONDS)
        os.ftruncate(self.lock, 0)
        os.pwrite(self.lock, str(os.getpid()).encode(), 0)

    def _try_lock(self) -> bool:
        try:
            fcntl.flock(self.lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _read(self) -> dict[str, str]:
        return dict(json.loads(self._kept.read_text())) if self._kept.exists() else {}

    def _write(self, kept: dict[str, str]) -> None:
        write_secret(self._kept, json.dumps(kept))


def write_secret(path: Path, text: str) -> None:
    """Write a file that only its owner can read, from its first byte on."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
