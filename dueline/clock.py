"""The one clock: PostgreSQL's. This is the only file of the package that reads a clock."""

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Protocol

SYNC_EVERY = timedelta(seconds=30)  # a quartz drifts at most about 3 ms in this time
SYNC_READS = 3


class Clock(Protocol):
    """The database's time, as near as it can be known from here, and never ahead of it."""

    def now(self) -> datetime: ...

    def sleep_until(self, instant: datetime) -> None:
        """Return at `instant` or just after it, never before."""


class ServerClock:
    """Reads the server's time once in a while and carries it forward by the monotonic clock.

    The server read its clock somewhere between our question and its answer. Counting from the
    answer keeps `now` at or behind the server's time, so nothing starts early; the error is at
    most one round trip, and the quickest of a few reads is kept.
    """

    def __init__(self, read_server_time: Callable[[], datetime]) -> None:
        self._read = read_server_time
        self._lock = threading.Lock()
        self._base: tuple[datetime, float] | None = None
        self._synced_at = 0.0

    def now(self) -> datetime:
        if self._base is None or time.monotonic() - self._synced_at > SYNC_EVERY.total_seconds():
            self.sync()
        assert self._base is not None  # noqa: S101 - sync sets it or raises
        server_time, heard_at = self._base
        return server_time + timedelta(seconds=time.monotonic() - heard_at)

    def sync(self) -> None:
        """Read the server's time anew. Call it first in an invocation: a freeze may lie before."""
        with self._lock:
            best: tuple[float, datetime, float] | None = None
            for _ in range(SYNC_READS):
                asked_at = time.monotonic()
                server_time = self._read()
                heard_at = time.monotonic()
                if best is None or heard_at - asked_at < best[0]:
                    best = heard_at - asked_at, server_time, heard_at
            assert best is not None  # noqa: S101
            self._base = best[1], best[2]
            self._synced_at = best[2]

    def sleep_until(self, instant: datetime) -> None:
        while (left := (instant - self.now()).total_seconds()) > 0:
            time.sleep(left)


def wall_clock() -> datetime:
    """This machine's UTC time: for log lines only, never for a decision."""
    return datetime.now(UTC)
