"""Task stores with a planted bug (mutants.py)."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from msgspec import structs

from dueline.domain.lanes import Lane, slot_of
from dueline.domain.outcomes import Outcome
from dueline.domain.tasks import DueTask, Task, TaskRef, TaskStatus
from dueline.task_store.memory import PENDING, WAITING
from tests.simulation.watched_store import Move, WatchedStore


class Unguarded(WatchedStore):
    """Moves a task whatever the state machine says."""

    def _move(self, task: Task, status: TaskStatus, **changes: Any) -> Task:
        after = self._tasks[task.id] = structs.replace(task, status=status, **changes)
        self.moves.append(Move(self._scheduler.now, task, after))
        return after

    def _whatever_its_state(self, refs: Sequence[TaskRef]) -> list[Task]:
        return [task for ref in refs if (task := self._tasks.get(ref.id))]


class MarksWithoutGuard(Unguarded):
    def _matching(self, refs: Sequence[TaskRef], statuses: frozenset[TaskStatus]) -> list[Task]:
        if statuses == PENDING:
            return self._whatever_its_state(refs)
        return super()._matching(refs, statuses)


class ClaimsWhatRuns(Unguarded):
    def _matching(self, refs: Sequence[TaskRef], statuses: frozenset[TaskStatus]) -> list[Task]:
        if statuses == WAITING:
            any_ = self._whatever_its_state(refs)
            return [t for t in any_ if t.status in {*WAITING, TaskStatus.RUNNING}]
        return super()._matching(refs, statuses)


class ClaimsUnderAnyFence(WatchedStore):
    def _matching(self, refs: Sequence[TaskRef], statuses: frozenset[TaskStatus]) -> list[Task]:
        if statuses == WAITING:
            named = [self._tasks.get(ref.id) for ref in refs]
            return [task for task in named if task and task.status in statuses]
        return super()._matching(refs, statuses)


class RecordsWithoutFence(WatchedStore):
    """It does look at the status."""

    def _record(self, outcome: Outcome, worker: str) -> bool:
        task = self._tasks[outcome.ref.id]
        return super()._record(structs.replace(outcome, ref=task.ref), worker)


class S2ForgetsTheStatus(Unguarded):
    def _unclaimed(self, lane: Lane, queued_before: datetime) -> list[Task]:
        ours = [task for task in self.tasks() if slot_of(task.id) in lane.slots]
        return [task for task in ours if task.queued_at and task.queued_at < queued_before]


class ClaimsBesideActive(WatchedStore):
    def _meets_active(self, task: Task) -> bool:  # noqa: ARG002
        return False


class StartsWhatWasCalledOff(Unguarded):
    """Cancelling leaves the fence, and a claim does not look for it."""

    def cancel(
        self, tenant: str, task_ids: Sequence[str], *, now: datetime
    ) -> Mapping[str, TaskStatus]:
        changed = super().cancel(tenant, task_ids, now=now)
        for task_id, status in changed.items():
            if status is TaskStatus.CANCELLED:
                task = self._tasks[task_id]
                self._tasks[task_id] = structs.replace(task, fence=task.fence - 1)
        return changed

    def _matching(self, refs: Sequence[TaskRef], statuses: frozenset[TaskStatus]) -> list[Task]:
        if statuses == WAITING:
            statuses = WAITING | {TaskStatus.CANCELLED}
        return super()._matching(refs, statuses)


class NoS3(WatchedStore):
    def end_lost_leases(self, **_: object) -> list[tuple[str, DueTask]]:
        return []


class S3IsHasty(WatchedStore):
    def end_lost_leases(self, *, now: datetime, limit: int) -> list[tuple[str, DueTask]]:
        return super().end_lost_leases(now=datetime.max.replace(tzinfo=now.tzinfo), limit=limit)


class S3Completes(WatchedStore):
    def _end_lease(self, task: Task, now: datetime) -> Task:
        return self._move(
            task, TaskStatus.COMPLETED, fence=task.fence + 1, lease_until=None, finished_at=now
        )


class S3CountsNoAttempts(WatchedStore):
    def _end_lease(self, task: Task, now: datetime) -> Task:
        endless = replace(task.retry, max_attempts=task.attempt + 1)
        ended = super()._end_lease(structs.replace(task, retry=endless), now)
        self._tasks[task.id] = again = structs.replace(ended, retry=task.retry)
        return again


class KeepsNoAttempts(WatchedStore):
    def _keep_attempt(self, task: Task, *, ended_at: datetime, outcome: str, error: str) -> None:
        pass


class ForgetsPoison(WatchedStore):
    def keep_poison(self, body: bytes, *, reason: str, lane: str, now: datetime) -> None:
        pass
