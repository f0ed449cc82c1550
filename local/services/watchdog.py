"""The watchdog: a process that ends this one's servers when this one dies, however it dies.

It reads a pipe whose other end only this process holds. The system closes that end even on
kill -9, and the watchdog then ends every server it was told of. It is started before the first
server, so there is no moment at which a server runs unguarded.
"""

import os
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from types import TracebackType

from local.services.ending import GRACE
from local.services.model import Command, ServiceError
from local.services.process_table import Row, find

_ROOT = Path(__file__).resolve().parents[2]
_PROGRAM = "local.services.watchdog_process"
_MARGIN_SECONDS = 5  # beyond the grace that the watchdog gives to servers


class Watchdog:
    """Starts processes and guards them. Usable from several threads. A context manager."""

    def __init__(self) -> None:
        """Start the watchdog's process."""
        reading, self._pipe = os.pipe()
        self._lock = threading.Lock()
        self._open = True
        try:
            self._process = subprocess.Popen(
                # -S: no site-packages, it starts in a third of the time and needs none.
                [sys.executable, "-S", "-m", _PROGRAM, str(reading), str(os.getpid())],
                env={"PYTHONPATH": str(_ROOT)},
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=(reading,),
                start_new_session=True,  # Ctrl-C is for the parent alone
            )
        finally:
            os.close(reading)

    @property
    def pid(self) -> int:
        """The watchdog's own process."""
        return self._process.pid

    def start(self, command: Command) -> tuple["subprocess.Popen[bytes]", Row]:
        """Start a process in a session of its own, guarded from its first moment.

        Raises ServiceError when the watchdog has been closed or has died, so that no thread can
        start a server behind the back of one that is ending them all.
        """
        with self._lock:
            if not self._open or self._process.poll() is not None:
                raise ServiceError(f"{command.argv[0]} is not started: the services are ending")
            process = _popen(command)
            self._tell(f"guard {process.pid} {command.stop_signal.value}")
        row = find(process.pid)
        if row is None:  # as long as we do not reap it, it is there even when it has ended
            raise ServiceError(f"process {process.pid} is not in the process table: is ps missing?")
        return process, row

    def forget(self, pid: int) -> None:
        """Guard this process no more: it has been ended and reaped."""
        with self._lock:
            if self._open:
                with suppress(BrokenPipeError):  # a watchdog that was killed guards nothing
                    self._tell(f"forget {pid}")

    def close(self) -> None:
        """End every process that is still guarded, and the watchdog. Returns when all are gone."""
        with self._lock:
            if self._open:
                self._open = False
                os.close(self._pipe)
        self._process.wait(GRACE.total_seconds() + _MARGIN_SECONDS)

    def __enter__(self) -> "Watchdog":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _tell(self, line: str) -> None:
        os.write(self._pipe, f"{line}\n".encode())


def _popen(command: Command) -> "subprocess.Popen[bytes]":
    account = command.account
    with command.log.open("ab") as log:
        return subprocess.Popen(
            command.argv,
            env=command.environ,
            cwd=command.folder,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            pass_fds=command.keeps_open,
            start_new_session=True,
            user=account.uid if account else None,
            group=account.gid if account else None,
            extra_groups=[] if account else None,
        )
