"""The table of schedules in memory, beside the tasks that it shares with a task store."""

from collections.abc import Sequence
from datetime import datetime

from dueline.domain.schedules import Recurring, Schedule
from dueline.domain.tasks import Task, TaskStatus
from dueline.task_store.memory_tasks import WAITING, MemoryTasks


class MemoryRows:
    """Shares the rows, and the lock, of a task store in memory. Threads may share it."""

    def __init__(self, tasks: MemoryTasks) -> None:
        self._rows = tasks
        self._lock = tasks._lock
        self._schedules: dict[str, Schedule] = {}

    def _named(self, tenant: str, name: str) -> Schedule | None:
        found = [s for s in self._schedules.values() if (s.tenant, s.name) == (tenant, name)]
        return found[0] if found else None

    def _is_as(self, seen: Recurring) -> bool:
        schedule = self._schedules.get(seen.id)
        return schedule is not None and _state(schedule) == _state(seen)

    def _by_instant(self, schedule_id: str) -> dict[datetime, Task]:
        return {
            task.occurrence_at: task
            for task in self._rows._tasks.values()
            if task.schedule_id == schedule_id and task.occurrence_at
        }

    def _untried(self, schedule_id: str) -> list[Task]:
        """Its occurrences that wait for their first attempt."""
        tasks = self._by_instant(schedule_id).values()
        return [task for task in tasks if task.status in WAITING and task.attempt == 0]

    def _insert(self, schedule_id: str, tasks: Sequence[Task]) -> list[Task]:
        taken = self._by_instant(schedule_id)
        new = [task for task in tasks if task.occurrence_at not in taken]
        self._rows._tasks.update((task.id, task) for task in new)
        return new

    def _end(self, task: Task, status: TaskStatus, error: str, now: datetime) -> Task:
        return self._rows._move(task, status, fence=task.fence + 1, finished_at=now, error=error)


def _state(schedule: Recurring) -> tuple[int, datetime | None]:
    return schedule.version, schedule.next_at
