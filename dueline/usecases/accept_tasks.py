"""Take new tasks in: what a 2xx promises."""

from collections.abc import Sequence
from datetime import datetime

from dueline.config import Settings
from dueline.domain.tasks import DueTask, Task
from dueline.due_buffer.interface import DueBuffer
from dueline.task_store.interface import Accepting
from dueline.usecases.offer_to_buffer import offer_to_buffer


def accept_tasks(
    tasks: Sequence[Task],
    *,
    store: Accepting,
    buffer: DueBuffer,
    now: datetime,
    settings: Settings,
) -> None:
    """Make new pending tasks durable, then known to tick. All of them, or none.

    A1 is the caller's: who asks, and whether the request can be accepted at all.
    A2. Insert them in one statement; it is committed when `add` returns. BackendUnavailable from
        here means that it is not known whether they exist: the caller answers no 2xx, and if they
        do exist they run.
    A3. Put those due within horizon + slack into the due buffer, lane by lane. It can fail only
        in time, never in the answer: a crash, or Redis down, leaves pending rows that tick's
        refill loads later, or that sweep S1 finds once they are overdue.
    """
    store.add(tasks)
    near = now + settings.horizon + settings.slack
    soon = [
        (task.queue, task.id, DueTask(task.ref, task.due_at))
        for task in tasks
        if task.due_at <= near
    ]
    for lane, due in settings.lanes.by_lane(soon):
        offer_to_buffer(buffer, lane, due)
