"""The due buffer of a run: waits in virtual time, forgets on demand, keeps no time of its own."""

from collections.abc import Sequence
from copy import deepcopy
from datetime import datetime, timedelta

from dueline.domain.errors import BufferLost
from dueline.domain.lanes import Lane
from dueline.domain.tasks import DueTask, TaskRef
from dueline.due_buffer.memory import MemoryDueBuffer
from tests.simulation.bell import Bell
from tests.simulation.scheduler import Scheduler


class WatchedBuffer(MemoryDueBuffer):
    """Its clock is that of its server, which can be moved."""

    def __init__(self, scheduler: Scheduler) -> None:
        super().__init__(lambda: scheduler.now + self.clock_offset)
        self.clock_offset = timedelta(0)
        self.ever_in_both = False  # whether a task was waiting and in flight at once
        self.losses_noticed = 0
        self._wake = Bell(scheduler)
        self._copy = deepcopy(self._lanes)

    def put(self, lane: Lane, tasks: Sequence[DueTask]) -> int:
        added = super().put(lane, tasks)
        sets = self._lanes[lane.name]
        self.ever_in_both |= not sets.due.keys().isdisjoint(sets.in_flight.keys())
        if self._announced:
            self._wake.ring()
        return added

    def lease_due(
        self, lane: Lane, *, until: datetime, lease: timedelta, limit: int
    ) -> list[TaskRef]:
        try:
            return super().lease_due(lane, until=until, lease=lease, limit=limit)
        except BufferLost:
            self.losses_noticed += 1
            raise

    def wait(self, lanes: Sequence[Lane], *, timeout: timedelta) -> bool:
        names = {lane.name for lane in lanes}
        if not names & self._announced:
            self._wake.wait(timeout)
        heard = bool(names & self._announced)
        self._announced -= names
        return heard

    def replicate(self) -> None:
        """A replica takes a copy."""
        self._copy = deepcopy(self._lanes)

    def fail_over(self) -> None:
        """The replica takes over: whatever came after its copy is forgotten."""
        self._lanes = deepcopy(self._copy)

    def left(self) -> dict[str, int]:
        """How much is waiting and in flight, over all lanes."""
        return {
            "waiting": sum(len(sets.due) for sets in self._lanes.values()),
            "in flight": sum(len(sets.in_flight) for sets in self._lanes.values()),
        }
