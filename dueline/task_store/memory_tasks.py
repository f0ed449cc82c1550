"""The tables of the task store in memory, and the few ways in which their rows change."""

import threading
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any

from msgspec import structs

from dueline.clock import wall_clock
from dueline.domain.idempotency import KeptAnswer
from dueline.domain.tasks import FINAL, Attempt, DueTask, Task, TaskRef, TaskStatus, check_move

PENDING = frozenset({TaskStatus.PENDING})
RUNNING = frozenset({TaskStatus.RUNNING})
WAITING = frozenset({TaskStatus.PENDING, TaskStatus.QUEUED})


class MemoryTasks:
    """Threads may share it. `server_clock` is what server_time answers."""

    def __init__(self, server_clock: Callable[[], datetime] = wall_clock) -> None:
        self.fenced_out = 0  # outcomes that came too late to be written
        self._server_clock = server_clock
        self._lock = threading.Lock()
        self._tasks: dict[str, Task] = {}
        self._attempts: dict[str, dict[int, Attempt]] = {}
        self._kept: dict[tuple[str, str], KeptAnswer] = {}  # by tenant and idempotency key

    def every_task(self) -> list[Task]:
        """What a table would be read for from end to end."""
        with self._lock:
            return list(self._tasks.values())

    def _holder(self, tenant: str, dedupe_key: str | None) -> str | None:
        """The id of the unfinished task with the key."""
        if dedupe_key is None:
            return None
        for task in self._tasks.values():
            if (task.tenant, task.dedupe_key) == (tenant, dedupe_key) and task.status not in FINAL:
                return task.id
        return None

    def _matching(self, refs: Sequence[TaskRef], statuses: frozenset[TaskStatus]) -> list[Task]:
        """The tasks that are in one of the statuses under the fence of their ref, each once."""
        tasks = [(self._tasks.get(ref.id), ref.fence) for ref in dict.fromkeys(refs)]
        return [t for t, fence in tasks if t and t.fence == fence and t.status in statuses]

    def _move(self, task: Task, status: TaskStatus, **changes: Any) -> Task:
        check_move(task.status, status)
        self._tasks[task.id] = moved = structs.replace(task, status=status, **changes)
        return moved

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


def due_task(task: Task) -> DueTask:
    return DueTask(task.ref, task.due_at)
