"""The database's time as one process knows it: dueline.clock.ServerClock in virtual time."""

from collections.abc import Callable
from datetime import datetime, timedelta

from tests.simulation.scheduler import Process, Scheduler


class SimulatedClock:
    """Behind the server's time by the journey of its answer, and, after a freeze in which the
    monotonic clock stood still, by all of that, until it is read anew."""

    def __init__(
        self, scheduler: Scheduler, process: Process, read_server_time: Callable[[], datetime]
    ) -> None:
        self._scheduler = scheduler
        self._process = process
        self._read = read_server_time
        self._server_time: datetime | None = None
        self._heard_at = scheduler.now  # monotonic
        self._heard_at_wall = scheduler.now

    def now(self) -> datetime:
        if self._server_time is None:
            self.sync()
            assert self._server_time
        return self._server_time + (self._monotonic() - self._heard_at)

    def sync(self, *, older_than: timedelta = timedelta(0)) -> None:
        age = self._scheduler.now - self._heard_at_wall
        if self._server_time is None or age > older_than:
            answer = self._read()
            self._scheduler.step()
            self._server_time = answer
            self._heard_at = self._monotonic()
            self._heard_at_wall = self._scheduler.now

    def sleep_until(self, instant: datetime) -> None:
        while (left := instant - self.now()) > timedelta(0):
            self._scheduler.sleep(left)

    def pause(self, duration: timedelta) -> None:
        self._scheduler.sleep(duration)

    def _monotonic(self) -> datetime:
        return self._scheduler.now - self._process.stood_still
