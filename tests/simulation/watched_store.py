"""The task store of a run: remembers every move, and who wrote what under which fence."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from dueline.domain.outcomes import Outcome
from dueline.domain.tasks import Task, TaskRef, TaskStatus
from dueline.task_store.interface import Claimed
from dueline.task_store.memory import MemoryTaskStore
from tests.simulation.scheduler import Scheduler


class Move(NamedTuple):
    """A task changed hands or status."""

    at: datetime
    before: Task
    after: Task


class Written(NamedTuple):
    """What came of an attempt was accepted."""

    before: Task
    outcome: Outcome


class ClaimGranted(NamedTuple):
    """A claim was answered with a task."""

    asked: TaskRef
    task_id: str
    fence: int  # the new one


class WatchedStore(MemoryTaskStore):
    """Its clock is the run's."""

    def __init__(self, scheduler: Scheduler) -> None:
        super().__init__(lambda: scheduler.now)
        self.moves: list[Move] = []
        self.written: list[Written] = []
        self.granted: list[ClaimGranted] = []
        self.leases_ended: list[Move] = []
        self.called_off: dict[str, datetime] = {}  # told to be cancelled, and when
        self._scheduler = scheduler

    def tasks(self) -> list[Task]:
        return list(self._tasks.values())

    def claim(
        self,
        refs: Sequence[TaskRef],
        *,
        now: datetime,
        until: datetime,
        lease: timedelta,
        worker: str,
    ) -> Claimed:
        claimed = super().claim(refs, now=now, until=until, lease=lease, worker=worker)
        asked = {ref.id: ref for ref in refs}
        self.granted += [
            ClaimGranted(asked[claim.ref.id], claim.ref.id, claim.ref.fence)
            for claim in claimed.claims
        ]
        return claimed

    def cancel(
        self, tenant: str, task_ids: Sequence[str], *, now: datetime
    ) -> Mapping[str, TaskStatus]:
        changed = super().cancel(tenant, task_ids, now=now)
        self.called_off |= {
            task_id: self._scheduler.now
            for task_id, status in changed.items()
            if status is TaskStatus.CANCELLED
        }
        return changed

    def _move(self, task: Task, status: TaskStatus, **changes: Any) -> Task:
        after = super()._move(task, status, **changes)
        self.moves.append(Move(self._scheduler.now, task, after))
        return after

    def _end_lease(self, task: Task, now: datetime) -> Task:
        after = super()._end_lease(task, now)
        self.leases_ended.append(Move(self._scheduler.now, task, after))
        return after

    def _record(self, outcome: Outcome, worker: str) -> bool:
        before = self._tasks.get(outcome.ref.id)
        accepted = super()._record(outcome, worker)
        if before is not None and before is not self._tasks[before.id]:
            self.written.append(Written(before, outcome))
        return accepted
