"""What the store in memory does for function `tick`."""

from collections.abc import Sequence
from datetime import datetime

from dueline.domain.ids import LAST_ID
from dueline.domain.lanes import Lane, slot_of
from dueline.domain.tasks import DuePlace, DueTask, Task, TaskRef, TaskStatus
from dueline.task_store.memory_tasks import PENDING, WAITING, MemoryTasks, due_task


class MemoryDispatching(MemoryTasks):
    """interface.Dispatching."""

    def pending_page(
        self, lane: Lane, *, after: DuePlace | None, until: datetime, limit: int
    ) -> list[DueTask]:
        with self._lock:
            due = sorted(
                (task.due_at, task.id)
                for task in self._of_lane(lane, TaskStatus.PENDING)
                if (after is None or (task.due_at, task.id) > _behind(after))
                and task.due_at <= until
            )
            return [due_task(self._tasks[id_]) for _, id_ in due[:limit]]

    def earliest_due(self, lane: Lane, *, until: datetime, limit: int) -> list[DueTask]:
        return self.pending_page(lane, after=None, until=until, limit=limit)

    def mark_queued(self, refs: Sequence[TaskRef], *, now: datetime) -> int:
        with self._lock:
            pending = self._matching(refs, PENDING)
            for task in pending:
                self._move(task, TaskStatus.QUEUED, queued_at=now)
            return len(pending)

    def reset_unclaimed(self, lane: Lane, *, queued_before: datetime, limit: int) -> list[DueTask]:
        with self._lock:
            return [
                due_task(self._move(task, TaskStatus.PENDING, fence=task.fence + 1, queued_at=None))
                for task in self._unclaimed(lane, queued_before)[:limit]
            ]

    def has_unclaimed(self, lane: Lane, *, queued_before: datetime) -> bool:
        with self._lock:
            return bool(self._unclaimed(lane, queued_before))

    def oldest_due(self, queue: str, *, now: datetime) -> DueTask | None:
        with self._lock:
            waiting = [t for t in self._tasks.values() if t.queue == queue and t.status in WAITING]
        queued = sorted((t.queued_at, due_task(t)) for t in waiting if t.queued_at)
        pending = [due_task(t) for t in waiting if not t.queued_at]
        oldest = [*(task for _, task in queued[:1]), *pending]
        due = [task for task in oldest if task.due_at < now]
        return min(due, key=lambda task: task.due_at, default=None)

    def end_lost_leases(self, *, now: datetime, limit: int) -> list[tuple[str, DueTask]]:
        with self._lock:
            lost = [t for t in self._tasks.values() if t.lease_until and t.lease_until < now]
            ended = [self._end_lease(task, now) for task in lost[:limit]]
        return [(t.queue, due_task(t)) for t in ended if t.status is TaskStatus.PENDING]

    def _of_lane(self, lane: Lane, status: TaskStatus) -> list[Task]:
        return [
            task
            for task in self._tasks.values()
            if task.status is status and task.queue == lane.queue and slot_of(task.id) in lane.slots
        ]

    def _unclaimed(self, lane: Lane, queued_before: datetime) -> list[Task]:
        return [
            task
            for task in self._of_lane(lane, TaskStatus.QUEUED)
            if task.queued_at and task.queued_at < queued_before
        ]

    def _end_lease(self, task: Task, now: datetime) -> Task:
        max_age = task.retry.max_age
        too_old = max_age is not None and task.execute_at + max_age < now
        used_up = task.attempt >= task.retry.max_attempts
        again = not (used_up or too_old or task.cancel_requested)
        ended = TaskStatus.CANCELLED if task.cancel_requested else TaskStatus.FAILED
        error = f"lease lost: {task.worker} stopped renewing it"
        self._keep_attempt(task, ended_at=now, outcome="lease_lost", error=error)
        return self._move(
            task,
            TaskStatus.PENDING if again else ended,
            fence=task.fence + 1,
            due_at=max(task.due_at, now) if again else task.due_at,
            finished_at=None if again else now,
            queued_at=None if again else task.queued_at,
            lease_until=None,
            error=error,
        )


def _behind(place: DuePlace) -> tuple[datetime, str]:
    """All that is greater than this, of (due time, id), is behind the place."""
    return place.due_at, place.id or LAST_ID
