"""Due buffers with a planted bug (mutants.py)."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from dueline.domain.lanes import Lane
from dueline.domain.tasks import DueTask, TaskRef
from dueline.due_buffer import keys
from tests.simulation.watched_buffer import WatchedBuffer


class SettlesNothing(WatchedBuffer):
    def settle(self, lane: Lane, refs: Sequence[TaskRef]) -> None:
        pass


class PopsWithoutFlight(WatchedBuffer):
    def lease_due(
        self, lane: Lane, *, until: datetime, lease: timedelta, limit: int
    ) -> list[TaskRef]:
        refs = super().lease_due(lane, until=until, lease=lease, limit=limit)
        self.settle(lane, refs)
        return refs


class PutsWhatFlies(WatchedBuffer):
    def put(self, lane: Lane, tasks: Sequence[DueTask]) -> int:
        due = self._lanes[lane.name].due
        due.update((task.ref, keys.to_score(task.due_at)) for task in tasks)
        return super().put(lane, tasks)


class WatermarkOutlivesFlush(WatchedBuffer):
    def flush(self) -> None:
        for sets in self._lanes.values():
            sets.due.clear()
            sets.in_flight.clear()
