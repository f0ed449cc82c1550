"""How actors wait for each other."""

from datetime import timedelta

from tests.simulation.scheduler import Actor, Scheduler


class Bell:
    """Whoever rings it gives those who wait their turn."""

    def __init__(self, scheduler: Scheduler) -> None:
        self._scheduler = scheduler
        self._waiting: list[Actor] = []

    def wait(self, timeout: timedelta) -> None:
        """Return when it rings, or after `timeout`."""
        actor = self._scheduler.current()
        self._waiting.append(actor)
        try:
            self._scheduler.sleep(timeout)
        finally:
            self._waiting.remove(actor)

    def ring(self) -> None:
        for actor in self._waiting:
            self._scheduler.wake(actor)
