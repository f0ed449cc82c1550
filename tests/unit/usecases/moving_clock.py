"""A clock that only moves when someone waits by it."""

from datetime import datetime, timedelta

from dueline.clock import Clock
from tests.factories import NOON


class MovingClock(Clock):
    def __init__(self) -> None:
        self.time = NOON

    def now(self) -> datetime:
        return self.time

    def sync(self, *, older_than: timedelta = timedelta(0)) -> None:
        pass

    def sleep_until(self, instant: datetime) -> None:
        self.time = max(self.time, instant)

    def pause(self, duration: timedelta) -> None:
        self.time += duration
