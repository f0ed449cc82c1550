"""Named pipes between a test and a handler: to hold it, and to see that it is gone."""

import os
from pathlib import Path

from tests.eventually import eventually


class Gate:
    """Holds handlers that execute `WAIT` until the test opens it."""

    WAIT = "open(os.environ['GATE']).read()"  # waits for a writer, and for its end

    def __init__(self, folder: Path) -> None:
        self._path = folder / ".gate"
        os.mkfifo(self._path)
        self.environment = {"GATE": str(self._path)}
        self._writer: int | None = None

    def await_handler(self) -> None:
        """Until a handler is there. It stays until `open`."""
        self._writer = eventually(self._take_hold)

    def open(self) -> None:
        """Let the handler through that waits; waits itself until there is one."""
        if self._writer is None:
            self.await_handler()
        self.close()

    def close(self) -> None:
        if self._writer is not None:
            os.close(self._writer)
        self._writer = None

    def _take_hold(self) -> int | None:
        try:
            return os.open(self._path, os.O_WRONLY | os.O_NONBLOCK)
        except OSError:  # nobody waits yet
            return None


class Life:
    """Tells whether a process lives that has executed `BEGIN`, or one that inherited `life`."""

    BEGIN = "life = open(os.environ['LIFE'], 'wb', 0); life.write(b'.')"

    def __init__(self, folder: Path) -> None:
        path = folder / ".life"
        os.mkfifo(path)
        self._reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK)
        self.environment = {"LIFE": str(path)}

    def has_begun(self) -> bool:
        return self._read() == b"."

    def has_ended(self) -> bool:
        return self._read() == b""

    def close(self) -> None:
        os.close(self._reader)

    def _read(self) -> bytes | None:
        try:
            return os.read(self._reader, 1)
        except BlockingIOError:  # it lives, and says nothing
            return None
