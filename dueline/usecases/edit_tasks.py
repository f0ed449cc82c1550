"""Change tasks that wait."""

from collections.abc import Mapping
from datetime import datetime

from dueline.config import Settings
from dueline.domain.task_edit import TaskEdit
from dueline.due_buffer.interface import DueBuffer
from dueline.task_store.interface import Managing
from dueline.usecases.offer_to_buffer import offer_soon


def edit_tasks(
    tenant: str,
    tasks: Mapping[str, int | None],
    edit: TaskEdit,
    *,
    store: Managing,
    buffer: DueBuffer,
    now: datetime,
    settings: Settings,
) -> list[str]:
    """Give tasks that are pending or queued another time, payload or queue; the ids of those that
    were changed. `tasks`: id → the fence under which it was seen, None: whichever.

    1. Change them in the store: pending under a new fence. What buffer and work queue still hold
       of them is void from here on, and is dropped when it comes.
    2. Put those that are due soon into the buffer. A crash before it is repaired as in
       accept_tasks: by the refill, or by sweep S1.
    Raises BackendUnavailable.
    """
    edited = store.edit(tenant, tasks, edit, now=now)
    offer_soon(edited, buffer=buffer, now=now, settings=settings)
    return [task.ref.id for _, task in edited]
