"""What the store in memory does for function `schedule` with tasks that are there."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from msgspec import structs

from dueline.domain.task_edit import TaskEdit
from dueline.domain.task_filter import TaskFilter
from dueline.domain.tasks import Attempt, DueTask, Task, TaskStatus
from dueline.task_store.interface import IdPage, TaskPage
from dueline.task_store.memory_tasks import WAITING, MemoryTasks, due_task


class MemoryManaging(MemoryTasks):
    """interface.Managing."""

    def get(self, tenant: str, task_id: str) -> Task | None:
        task = self._tasks.get(task_id)
        return task if task and task.tenant == tenant else None

    def attempts(self, tenant: str, task_id: str) -> list[Attempt]:
        if not self.get(tenant, task_id):
            return []
        with self._lock:
            return [attempt for _, attempt in sorted(self._attempts.get(task_id, {}).items())]

    def list_tasks(
        self, tenant: str, which: TaskFilter, *, before: str | None, limit: int
    ) -> TaskPage:
        with self._lock:
            ours = [task for task in self._tasks.values() if task.tenant == tenant]
        fitting = sorted(((which.place(t), t) for t in ours if _fits(t, which)), key=_first)
        page = [(place, t) for place, t in reversed(fitting) if before is None or place < before]
        shown = page[:limit]
        return TaskPage([task for _, task in shown], shown[-1][0] if len(page) > limit else None)

    def list_ids(self, tenant: str, which: TaskFilter, *, before: str | None, limit: int) -> IdPage:
        page = self.list_tasks(tenant, replace(which, schedule_id=None), before=before, limit=limit)
        schedule_id = which.schedule_id
        ids = [task.id for task in page.tasks if schedule_id in {None, task.schedule_id}]
        return IdPage(ids, page.goes_on_at)

    def cancel(
        self, tenant: str, task_ids: Sequence[str], *, now: datetime
    ) -> Mapping[str, TaskStatus]:
        changed = {}
        with self._lock:
            for task in self._of_tenant(tenant, task_ids):
                if task.status in WAITING:
                    self._move(task, TaskStatus.CANCELLED, fence=task.fence + 1, finished_at=now)
                    changed[task.id] = TaskStatus.CANCELLED
                elif task.status is TaskStatus.RUNNING:
                    self._tasks[task.id] = structs.replace(task, cancel_requested=True)
                    changed[task.id] = TaskStatus.RUNNING
        return changed

    def retry(
        self, tenant: str, task_ids: Sequence[str], *, now: datetime
    ) -> list[tuple[str, DueTask]]:
        with self._lock:
            failed = [
                task
                for task in self._of_tenant(tenant, task_ids)
                if task.status is TaskStatus.FAILED and not self._holder(tenant, task.dedupe_key)
            ]
            again = [
                self._move(
                    task,
                    TaskStatus.PENDING,
                    fence=task.fence + 1,
                    due_at=max(now, task.execute_at),
                    retry=replace(
                        task.retry, max_attempts=max(task.retry.max_attempts, task.attempt + 1)
                    ),
                    expires_at=task.expires_at
                    if task.expires_at and task.expires_at > now
                    else None,
                    finished_at=None,
                    queued_at=None,
                    cancel_requested=False,
                )
                for task in failed
            ]
        return [(task.queue, due_task(task)) for task in again]

    def edit(
        self,
        tenant: str,
        tasks: Mapping[str, int | None],
        edit: TaskEdit,
        *,
        now: datetime,
    ) -> list[tuple[str, DueTask]]:
        with self._lock:
            edited = [
                self._edit(task, edit, now)
                for task in self._of_tenant(tenant, list(tasks))
                if task.status in WAITING and tasks[task.id] in {None, task.fence}
            ]
        return [(task.queue, due_task(task)) for task in edited]

    def _of_tenant(self, tenant: str, task_ids: Sequence[str]) -> list[Task]:
        tasks = [self._tasks.get(task_id) for task_id in dict.fromkeys(task_ids)]
        return [task for task in tasks if task and task.tenant == tenant]

    def _edit(self, task: Task, edit: TaskEdit, now: datetime) -> Task:
        asked_at, due_at = task.execute_at, task.due_at
        if edit.execute_at is not None:
            if task.first_started_at is None:
                asked_at = edit.execute_at
            due_at = max(edit.execute_at, asked_at, now)
        self._tasks[task.id] = edited = structs.replace(
            task,
            status=TaskStatus.PENDING,
            fence=task.fence + 1,
            queued_at=None,
            execute_at=asked_at,
            due_at=due_at,
            payload=task.payload if edit.payload is None else edit.payload,
            queue=edit.queue or task.queue,
        )
        return edited


def _first(placed: tuple[str, Task]) -> str:
    return placed[0]


def _fits(task: Task, which: TaskFilter) -> bool:
    return (
        task.status in which.statuses
        and (which.types is None or task.type in which.types)
        and which.queue in {None, task.queue}
        and (which.tag is None or which.tag in task.tags)
        and which.schedule_id in {None, task.schedule_id}
        and (which.execute_from is None or which.execute_from <= task.execute_at)
        and (which.execute_to is None or task.execute_at < which.execute_to)
        and (which.created_from is None or which.created_from <= task.created_at)
        and (which.created_to is None or task.created_at < which.created_to)
        and (
            which.payload is None
            or _contains(json.loads(task.payload), json.loads(which.payload), outermost=True)
        )
    )


def _contains(whole: Any, part: Any, *, outermost: bool = False) -> bool:
    """jsonb's @> (manual §8.14.3)."""
    if isinstance(part, dict):
        return isinstance(whole, dict) and all(
            name in whole and _contains(whole[name], value) for name, value in part.items()
        )
    if isinstance(part, list):
        return isinstance(whole, list) and all(
            any(_contains(element, wanted) for element in whole) for wanted in part
        )
    if outermost and isinstance(whole, list):
        return any(_contains(element, part) for element in whole)
    return isinstance(whole, bool) == isinstance(part, bool) and bool(whole == part)
