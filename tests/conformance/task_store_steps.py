"""Steps that several tests of the task store take."""

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

from dueline.domain.lanes import Lane
from dueline.domain.task_filter import TaskFilter
from dueline.domain.tasks import DEFAULT_TENANT, Claim, DueTask, Task, TaskRef, TaskStatus
from dueline.task_store.interface import Claimed, TaskStore
from tests.factories import MINUTE, NOON, make_task

LANE = Lane("default", 0, 1)
LEASE = MINUTE
WORKER = "worker-1"


def added(store: TaskStore, **overrides: Any) -> Task:
    """A new task that is in the store."""
    task = make_task(**overrides)
    store.add([task])
    return task


def found(store: TaskStore, task: Task) -> Task:
    """The task as it is now."""
    now = store.get(task.tenant, task.id)
    assert now is not None
    return now


def statuses(store: TaskStore, tenant: str = DEFAULT_TENANT) -> Counter[TaskStatus]:
    """How many of the tenant's tasks are in each status."""
    counts: Counter[TaskStatus] = Counter()
    place: str | None = None
    while True:
        page = store.list_tasks(tenant, TaskFilter(), before=place, limit=1_000)
        counts.update(task.status for task in page.tasks)
        if (place := page.goes_on_at) is None:
            return counts


def claim(
    store: TaskStore,
    *refs: TaskRef,
    now: datetime = NOON,
    until: datetime | None = None,
    lease: timedelta = LEASE,
) -> Claimed:
    return store.claim(refs, now=now, until=until or now, lease=lease, worker=WORKER)


def running(store: TaskStore, task: Task, *, now: datetime = NOON) -> Claim:
    """Claim a task that can be claimed."""
    [only] = claim(store, task.ref, now=now).claims
    return only


def due(task: Task) -> DueTask:
    return DueTask(task.ref, task.due_at)
