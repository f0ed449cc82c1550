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

    def sync(self, *, older_than: timedelta = timedelta(0)) -> None:
        """Read the database's time anew, if the last reading is older than that.

        First thing in an invocation, which may follow a freeze; then now and again.
        """

    def sleep_until(self, instant: datetime) -> None:
        """Return at `instant` or just after it, never before."""


class ServerClock:
    """Reads the server's time once in a while and carries it forward by the monotonic clock.

    The server read its clock somewhere between our question and its answer. Counting from the
    answer keeps `now` at or behind the server's time, so nothing starts early; the error is at
    most one round trip, and the quickest of a few reads is kept. Only the first `now` and `sync`
    can raise BackendUnavailable.
    """

    def __init__(self, read_server_time: Callable[[], datetime]) -> None:
        self._read = read_server_time
        self._lock = threading.Lock()
        self._base: tuple[datetime, float] | None = None  # server time, monotonic when heard

    def now(self) -> datetime:
        server_time, heard_at = self._base or self._synced()
        return server_time + timedelta(seconds=time.monotonic() - heard_at)

    def sync(self, *, older_than: timedelta = timedelta(0)) -> None:
        base = self._base
        if base is None or time.monotonic() - base[1] > older_than.total_seconds():
            self._synced()

    def sleep_until(self, instant: datetime) -> None:
        while (left := (instant - self.now()).total_seconds()) > 0:
            time.sleep(left)

    def _synced(self) -> tuple[datetime, float]:
        with self._lock:
            self._base = min(self._reading() for _ in range(SYNC_READS))[1:]
            return self._base

    def _reading(self) -> tuple[float, datetime, float]:
        asked_at = time.monotonic()
        server_time = self._read()
        heard_at = time.monotonic()
        return heard_at - asked_at, server_time, heard_at


def wall_clock() -> datetime:
    """This machine's UTC time: for log lines only, never for a decision."""
    return datetime.now(UTC)
