"""The task store in memory: the same promises, judged by the same tests, gone with the process."""

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from dueline.clock import wall_clock
from dueline.domain.errors import InvalidRequest
from dueline.domain.lanes import Lane, slot_of
from dueline.domain.outcomes import Outcome
from dueline.domain.tasks import (
    Attempt,
    Claim,
    DueTask,
    Task,
    TaskRef,
    TaskStatus,
    check_move,
)
from dueline.task_store.interface import Claimed, Renewed
from dueline.task_store.unstorable import failed_for_result, storable_text, why_unstorable

PENDING = frozenset({TaskStatus.PENDING})
RUNNING = frozenset({TaskStatus.RUNNING})
WAITING = frozenset({TaskStatus.PENDING, TaskStatus.QUEUED})
RECORDED = frozenset({TaskStatus.COMPLETED, TaskStatus.FAILED, TaskStatus.CANCELLED})


class Poison(NamedTuple):
    """A message that could not be read, as table `poison` keeps it."""

    body: bytes
    lane: str
    reason: str
    first_seen: datetime
    last_seen: datetime
    times: int


class MemoryTaskStore:
    """Threads may share it. `server_clock` is what server_time answers."""

    def __init__(self, server_clock: Callable[[], datetime] = wall_clock) -> None:
        self.cancel_requested: set[str] = set()  # ids of tasks that someone asked to cancel
        self.poison: dict[tuple[bytes, str], Poison] = {}
        self._server_clock = server_clock
        self._lock = threading.Lock()
        self._tasks: dict[str, Task] = {}
        self._attempts: dict[str, dict[int, Attempt]] = {}

    def server_time(self) -> datetime:
        return self._server_clock()

    def add(self, tasks: Sequence[Task]) -> None:
        for task in tasks:
            if why := why_unstorable(task.payload):
                raise InvalidRequest(
                    f"this cannot be stored: {why}", code="UNSUPPORTED_JSON", pointer="/payload"
                )
        with self._lock:
            for task in tasks:
                self._tasks.setdefault(task.id, task)

    def get(self, task_id: str) -> Task | None:
        return self._tasks.get(task_id)

    def attempts(self, task_id: str) -> list[Attempt]:
        with self._lock:
            return [attempt for _, attempt in sorted(self._attempts.get(task_id, {}).items())]

    def count_by_status(self) -> Mapping[TaskStatus, int]:
        counts = dict.fromkeys(TaskStatus, 0)
        with self._lock:
            for task in self._tasks.values():
                counts[task.status] += 1
        return counts

    def ping(self) -> None:
        """There is no server that could fail to answer."""

    def pending_page(
        self, lane: Lane, *, after: datetime | None, until: datetime, limit: int
    ) -> list[DueTask]:
        with self._lock:
            due = sorted(
                (task.due_at, task.id)
                for task in self._of_lane(lane, TaskStatus.PENDING)
                if (after is None or task.due_at > after) and task.due_at <= until
            )
            last = due[:limit][-1][0] if due else None
            return [_due_task(self._tasks[id_]) for at, id_ in due if last and at <= last]

    def mark_queued(self, refs: Sequence[TaskRef], *, now: datetime) -> int:
        with self._lock:
            pending = self._matching(refs, PENDING)
            for task in pending:
                self._move(task, TaskStatus.QUEUED, queued_at=now)
            return len(pending)

    def reset_unclaimed(self, lane: Lane, *, queued_before: datetime, limit: int) -> list[DueTask]:
        with self._lock:
            return [
                _due_task(
                    self._move(task, TaskStatus.PENDING, fence=task.fence + 1, queued_at=None)
                )
                for task in self._unclaimed(lane, queued_before)[:limit]
            ]

    def has_unclaimed(self, lane: Lane, *, queued_before: datetime) -> bool:
        with self._lock:
            return bool(self._unclaimed(lane, queued_before))

    def end_lost_leases(self, *, now: datetime, limit: int) -> list[tuple[str, DueTask]]:
        with self._lock:
            lost = [t for t in self._tasks.values() if t.lease_until and t.lease_until < now]
            ended = [self._end_lease(task, now) for task in lost[:limit]]
        return [(t.queue, _due_task(t)) for t in ended if t.status is TaskStatus.PENDING]

    def claim(
        self,
        refs: Sequence[TaskRef],
        *,
        now: datetime,
        until: datetime,
        lease: timedelta,
        worker: str,
    ) -> Claimed:
        answer = Claimed([], [])
        with self._lock:
            for task in self._matching(refs, WAITING):
                if task.expires_at and task.expires_at <= now:
                    why = "expired before it could start"
                    self._move(
                        task, TaskStatus.SKIPPED, fence=task.fence + 1, finished_at=now, error=why
                    )
                elif task.due_at > until:
                    answer.early.append((task.queue, _due_task(task)))
                else:
                    start = max(now, task.due_at)
                    running = self._move(
                        task,
                        TaskStatus.RUNNING,
                        fence=task.fence + 1,
                        attempt=task.attempt + 1,
                        lease_until=start + lease,
                        started_at=start,
                        worker=worker,
                    )
                    answer.claims.append(_claim(running))
        return answer

    def renew(self, refs: Sequence[TaskRef], *, now: datetime, lease: timedelta) -> Renewed:
        with self._lock:
            ours = self._matching(refs, RUNNING)
            for task in ours:
                longer = max(now + lease, task.lease_until or now)
                self._tasks[task.id] = replace(task, lease_until=longer)
        held = {task.id for task in ours}
        return Renewed(held, held & self.cancel_requested)

    def record(self, outcomes: Sequence[Outcome], *, worker: str) -> set[str]:
        with self._lock:
            return {outcome.ref.id for outcome in outcomes if self._record(outcome, worker)}

    def keep_poison(self, body: bytes, *, reason: str, lane: str, now: datetime) -> None:
        new = Poison(body, lane, storable_text(reason), now, now, times=0)
        with self._lock:
            old = self.poison.get((body, lane), new)
            self.poison[body, lane] = old._replace(last_seen=now, times=old.times + 1)

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

    def _matching(self, refs: Sequence[TaskRef], statuses: frozenset[TaskStatus]) -> list[Task]:
        """The tasks that are in one of the statuses under the fence of their ref, each once."""
        tasks = [(self._tasks.get(ref.id), ref.fence) for ref in dict.fromkeys(refs)]
        return [t for t, fence in tasks if t and t.fence == fence and t.status in statuses]

    def _move(self, task: Task, status: TaskStatus, **changes: Any) -> Task:
        check_move(task.status, status)
        self._tasks[task.id] = moved = replace(task, status=status, **changes)
        return moved

    def _end_lease(self, task: Task, now: datetime) -> Task:
        max_age = task.retry.max_age
        too_old = max_age is not None and task.execute_at + max_age < now
        again = task.attempt < task.retry.max_attempts and not too_old
        error = f"lease lost: {task.worker} stopped renewing it"
        self._keep_attempt(task, ended_at=now, outcome="lease_lost", error=error)
        return self._move(
            task,
            TaskStatus.PENDING if again else TaskStatus.FAILED,
            fence=task.fence + 1,
            due_at=max(task.due_at, now) if again else task.due_at,
            finished_at=None if again else now,
            queued_at=None if again else task.queued_at,
            lease_until=None,
            error=error,
        )

    def _record(self, outcome: Outcome, worker: str) -> bool:
        task = self._tasks.get(outcome.ref.id)
        if task is None or task.fence != outcome.ref.fence:
            return False
        if task.status is not TaskStatus.RUNNING:
            return task.status is outcome.status and task.status in RECORDED
        if outcome.result is not None and (why := why_unstorable(outcome.result)):
            outcome = failed_for_result(outcome, why)
        error = task.error if outcome.error is None else storable_text(outcome.error)
        again = outcome.status is TaskStatus.PENDING
        given_back = again and outcome.started_at is None
        recorded = self._move(
            task,
            outcome.status,
            fence=task.fence + again,
            attempt=task.attempt - given_back,
            due_at=max(outcome.due_at or task.execute_at, task.execute_at)
            if again
            else task.due_at,
            queued_at=None if again else task.queued_at,
            lease_until=None,
            worker=worker if outcome.started_at else None,
            first_started_at=task.first_started_at or outcome.started_at,
            started_at=outcome.started_at,
            finished_at=None if again else outcome.ended_at,
            result=outcome.result,
            error=error,
        )
        if outcome.status is TaskStatus.FAILED or (again and not given_back):
            self._keep_attempt(
                recorded, ended_at=outcome.ended_at, outcome="failed", error=error or ""
            )
        return True

    def _keep_attempt(self, task: Task, *, ended_at: datetime, outcome: str, error: str) -> None:
        self._attempts.setdefault(task.id, {})[task.attempt] = Attempt(
            task_id=task.id,
            attempt=task.attempt,
            started_at=task.started_at,
            ended_at=ended_at,
            outcome=outcome,
            error=error,
            worker=task.worker,
        )


def _due_task(task: Task) -> DueTask:
    return DueTask(task.ref, task.due_at)


def _claim(task: Task) -> Claim:
    return Claim(
        ref=task.ref,
        type=task.type,
        queue=task.queue,
        payload=task.payload,
        execute_at=task.execute_at,
        due_at=task.due_at,
        attempt=task.attempt,
        retry=task.retry,
        timeout=task.timeout,
    )
