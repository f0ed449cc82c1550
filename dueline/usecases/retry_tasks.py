"""Try failed tasks again, because a person says so."""

from collections.abc import Sequence
from datetime import datetime

from dueline.config import Settings
from dueline.due_buffer.interface import DueBuffer
from dueline.task_store.interface import Managing
from dueline.usecases.offer_to_buffer import offer_soon


def retry_tasks(
    tenant: str,
    task_ids: Sequence[str],
    *,
    store: Managing,
    buffer: DueBuffer,
    now: datetime,
    settings: Settings,
) -> list[str]:
    """Make those that are failed pending again, due now; the ids of those that were.

    1. failed → pending in the store, with leave for one attempt more where all are used up.
    2. Put them into the buffer. A crash before it is repaired by sweep S1.
    Raises BackendUnavailable.
    """
    again = store.retry(tenant, task_ids, now=now)
    offer_soon(again, buffer=buffer, now=now, settings=settings)
    return [task.ref.id for _, task in again]
