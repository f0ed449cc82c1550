"""The schedule store of a run."""

from dueline.domain.schedules import Schedule
from dueline.schedule_store.memory import MemoryScheduleStore
from tests.simulation.faults import Hazard
from tests.simulation.watched_store import WatchedStore


class WatchedSchedules(MemoryScheduleStore):
    """Knows the run's hazard, for what a planted bug lets happen in between."""

    def __init__(self, tasks: WatchedStore, hazard: Hazard) -> None:
        super().__init__(tasks)
        self._hazard = hazard

    def unfinished(self) -> list[Schedule]:
        """Those that still have occurrences to make."""
        return [schedule for schedule in self._schedules.values() if schedule.next_at]
