"""What the store in memory does for function `execute`."""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from msgspec import structs

from dueline.clock import wall_clock
from dueline.domain.outcomes import Outcome
from dueline.domain.overlap import ONE_WAITS, STILL_ACTIVE, Overlap, next_turn
from dueline.domain.tasks import Claim, DueTask, Task, TaskRef, TaskStatus
from dueline.task_store.interface import Claimed, Renewed
from dueline.task_store.memory_tasks import RUNNING, WAITING, MemoryTasks, due_task
from dueline.task_store.unstorable import failed_for_result, storable_text, why_unstorable

ACTIVE_OR_WAITING = WAITING | RUNNING
RECORDED = frozenset({TaskStatus.COMPLETED, TaskStatus.FAILED, TaskStatus.CANCELLED})


class Poison(NamedTuple):
    """A message that could not be read, as table `poison` keeps it."""

    body: bytes
    lane: str
    reason: str
    first_seen: datetime
    last_seen: datetime
    times: int


class MemoryExecuting(MemoryTasks):
    """interface.Executing."""

    def __init__(self, server_clock: Callable[[], datetime] = wall_clock) -> None:
        super().__init__(server_clock)
        self.poison: dict[tuple[bytes, str], Poison] = {}

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
            for task in sorted(self._matching(refs, WAITING), key=_turn):
                if task.expires_at and task.expires_at <= now:
                    why = "expired before it could start"
                    self._move(
                        task, TaskStatus.SKIPPED, fence=task.fence + 1, finished_at=now, error=why
                    )
                elif task.due_at > until:
                    answer.early.append((task.queue, due_task(task)))
                elif task.overlap is not Overlap.ALLOW and self._meets_active(task):
                    answer.early.extend(self._give_way(task, now))
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
                self._tasks[task.id] = structs.replace(task, lease_until=longer)
        return Renewed(
            held={task.id for task in ours},
            cancelled={task.id for task in ours if task.cancel_requested},
        )

    def record(self, outcomes: Sequence[Outcome], *, worker: str) -> set[str]:
        with self._lock:
            written = {outcome.ref.id for outcome in outcomes if self._record(outcome, worker)}
            self.fenced_out += len(outcomes) - len(written)
        return written

    def keep_poison(self, body: bytes, *, reason: str, lane: str, now: datetime) -> None:
        new = Poison(body, lane, storable_text(reason), now, now, times=0)
        with self._lock:
            old = self.poison.get((body, lane), new)
            self.poison[body, lane] = old._replace(last_seen=now, times=old.times + 1)

    def _meets_active(self, task: Task) -> bool:
        """Whether another occurrence of the schedule runs, or is to be tried again before it."""
        return any(
            other.status is TaskStatus.RUNNING or (other.attempt > 0 and task.attempt == 0)
            for other in self._others_of_schedule(task)
        )

    def _give_way(self, task: Task, now: datetime) -> list[tuple[str, DueTask]]:
        """What `overlap` says of an occurrence that may not start: skipped, or put off."""
        why = self._dropped(task)
        if why:
            self._move(task, TaskStatus.SKIPPED, fence=task.fence + 1, finished_at=now, error=why)
            return []
        later = structs.replace(
            task,
            status=TaskStatus.PENDING,
            queued_at=None,
            fence=task.fence + 1,
            due_at=next_turn(now, task.execute_at),
        )
        self._tasks[task.id] = later
        return [(later.queue, due_task(later))]

    def _dropped(self, task: Task) -> str | None:
        if task.attempt > 0 or task.overlap is Overlap.BUFFER_ALL:
            return None
        if task.overlap is Overlap.SKIP:
            return STILL_ACTIVE
        waits = any(
            other.overlap is Overlap.BUFFER_ONE
            and (other.attempt, other.status in WAITING) == (0, True)
            and (other.execute_at, other.id) < (task.execute_at, task.id)
            for other in self._others_of_schedule(task)
        )
        return ONE_WAITS if waits else None

    def _others_of_schedule(self, task: Task) -> list[Task]:
        """Its occurrences that run or wait, and may not overlap."""
        return [
            other
            for other in self._tasks.values()
            if other.schedule_id == task.schedule_id
            and other.id != task.id
            and other.overlap is not Overlap.ALLOW
            and other.status in ACTIVE_OR_WAITING
        ]

    def _record(self, outcome: Outcome, worker: str) -> bool:
        task = self._tasks.get(outcome.ref.id)
        if task is None or task.fence != outcome.ref.fence:
            return False
        if task.status is not TaskStatus.RUNNING:
            called_off = outcome.status is TaskStatus.PENDING and task.cancel_requested
            recorded = TaskStatus.CANCELLED if called_off else outcome.status
            return task.status is recorded and task.status in RECORDED
        if outcome.result is not None and (why := why_unstorable(outcome.result)):
            outcome = failed_for_result(outcome, why)
        error = task.error if outcome.error is None else storable_text(outcome.error)
        unfinished = outcome.status is TaskStatus.PENDING
        given_back = unfinished and outcome.started_at is None
        again = unfinished and not task.cancel_requested
        moved = self._move(
            task,
            TaskStatus.CANCELLED if unfinished and not again else outcome.status,
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
        if outcome.status is TaskStatus.FAILED or (unfinished and not given_back):
            self._keep_attempt(
                moved, ended_at=outcome.ended_at, outcome="failed", error=error or ""
            )
        return True


def _turn(task: Task) -> tuple[int, datetime, str]:
    """Occurrences of one schedule are claimed in this order: what was tried before comes first."""
    return -task.attempt, task.execute_at, task.id


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
