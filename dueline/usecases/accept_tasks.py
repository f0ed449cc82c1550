"""Take new tasks in: what a 2xx promises."""

from datetime import datetime
from typing import NamedTuple

from dueline.config import Settings
from dueline.domain.idempotency import KeptAnswer
from dueline.domain.tasks import DueTask
from dueline.due_buffer.interface import DueBuffer
from dueline.task_store.interface import Accepting, Tasks
from dueline.usecases.offer_to_buffer import near_end, offer_soon


class Once(NamedTuple):
    """An idempotency key of a tenant, and what is answered to its first use."""

    tenant: str
    key: str
    answer: KeptAnswer


def accept_tasks(
    tasks: Tasks,
    *,
    store: Accepting,
    buffer: DueBuffer,
    now: datetime,
    settings: Settings,
    once: Once | None = None,
) -> KeptAnswer | None:
    """Make new pending tasks durable, then known to tick. All of them, or none; and none if the
    key of `once` has been used: then what was answered to its first use is returned.

    A1 is the caller's: who asks, and whether the request can be accepted at all. Of a batch this
        can be found out task by task, while the store takes those before: what making one raises
        undoes the insert, and passes through.
    A2. Insert them in one statement; it is committed when `add` returns. BackendUnavailable from
        here means that it is not known whether they exist: the caller answers no 2xx, and if they
        do exist they run. With `once`, its answer is kept in the same statement.
    A3. Put those due within horizon + slack into the due buffer, lane by lane. It can fail only
        in time, never in the answer: a crash, or Redis down, leaves pending rows that tick's
        refill loads later, or that sweep S1 finds once they are overdue.
    """
    if once is None:
        store.add(tasks)
    elif kept := store.add_once(once.tenant, once.key, tasks, once.answer, now=now):
        return kept
    near = near_end(now, settings)
    soon = [(t.queue, DueTask(t.ref, t.due_at)) for t in tasks if t.due_at <= near]
    offer_soon(soon, buffer=buffer, now=now, settings=settings)
    return None
