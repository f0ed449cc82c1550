"""A clock that only moves when someone waits by it, and a buffer that does."""

from datetime import datetime, timedelta

from dueline.clock import Clock
from dueline.due_buffer.memory import MemoryDueBuffer
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


class WaitsByTheClock(MemoryDueBuffer):
    """Its waiting moves the clock."""

    def __init__(self, clock: MovingClock) -> None:
        super().__init__(clock.now)
        self._clock = clock

    def wait(self, lanes: object, *, timeout: timedelta) -> bool:  # noqa: ARG002 - any of them
        self._clock.pause(timeout)
        return False
