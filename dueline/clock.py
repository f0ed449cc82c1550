"""The one clock: PostgreSQL's. This is the only file of the package that reads a clock."""

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import NamedTuple, Protocol

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

    def pause(self, duration: timedelta) -> None:
        """Do nothing for so long. Needs no reading: for while the database does not answer."""


class ServerClock:
    """Reads the server's time once in a while and carries it forward by the monotonic clock.

    The server read its clock somewhere between our question and its answer. Counting from the
    answer keeps `now` at or behind the server's time, so nothing starts early; the error is at
    most one round trip, and the quickest of a few readings is kept, until it is old or another
    speaks against it. Only the first `now` and `sync` can raise BackendUnavailable.
    """

    def __init__(self, read_server_time: Callable[[], datetime]) -> None:
        self._read = read_server_time
        self._lock = threading.Lock()
        self._base: _Reading | None = None

    def now(self) -> datetime:
        return (self._base or self._synced()).carried_to(time.monotonic())

    def sync(self, *, older_than: timedelta = timedelta(0)) -> None:
        if self._base is None or self._base.age() > older_than.total_seconds():
            self._synced()

    def sleep_until(self, instant: datetime) -> None:
        while (left := (instant - self.now()).total_seconds()) > 0:
            time.sleep(left)

    def pause(self, duration: timedelta) -> None:
        time.sleep(duration.total_seconds())

    def _synced(self) -> "_Reading":
        with self._lock:
            kept, first = self._base, self._reading()
            if kept is None or not kept.is_borne_out_by(first):
                kept = min(first, *(self._reading() for _ in range(SYNC_READS - 1)))
            self._base = kept
            return kept

    def _reading(self) -> "_Reading":
        asked_at = time.monotonic()
        server_time = self._read()
        heard_at = time.monotonic()
        return _Reading(heard_at - asked_at, server_time, heard_at, time.time())


class _Reading(NamedTuple):
    """One reading of the server's clock; the smallest is the quickest."""

    round_trip: float
    server_time: datetime
    heard_at: float  # monotonic
    wall_at: float  # this machine's wall clock: never used to tell the time

    def carried_to(self, moment: float) -> datetime:
        """The server's time at a monotonic moment."""
        return self.server_time + timedelta(seconds=moment - self.heard_at)

    def is_borne_out_by(self, newer: "_Reading") -> bool:
        """Whether it is young, and says of the newer one's moment what the server then can have
        said: it had read its clock at most a round trip before."""
        told = self.carried_to(newer.heard_at) - newer.server_time
        is_young = self.age() <= SYNC_EVERY.total_seconds()
        return is_young and timedelta(0) <= told <= timedelta(seconds=newer.round_trip)

    def age(self) -> float:
        """Seconds since then. A monotonic clock may stand still while a function is frozen; the
        wall clock then jumps, and tells that the reading is old."""
        return max(time.monotonic() - self.heard_at, abs(time.time() - self.wall_at))


def wall_clock() -> datetime:
    """This machine's UTC time: for log lines only, never for a decision."""
    return datetime.now(UTC)
