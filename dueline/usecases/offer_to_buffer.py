"""Offer tasks to the due buffer where losing them costs only time."""

import logging
from collections.abc import Iterable, Sequence
from datetime import datetime

from dueline.config import Settings
from dueline.domain.errors import BackendUnavailable
from dueline.domain.lanes import Lane
from dueline.domain.tasks import DueTask
from dueline.due_buffer.interface import DueBuffer

log = logging.getLogger(__name__)


def near_end(now: datetime, settings: Settings) -> datetime:
    """What is due up to here may have been passed by the refill while it was being stored."""
    return now + settings.horizon + settings.slack


def offer_soon(
    tasks: Iterable[tuple[str, DueTask]], *, buffer: DueBuffer, now: datetime, settings: Settings
) -> None:
    """Put those of (queue, pending task) into the buffer that the refill may have passed."""
    near = near_end(now, settings)
    soon = [(queue, task.ref.id, task) for queue, task in tasks if task.due_at <= near]
    for lane, due in settings.lanes.by_lane(soon):
        offer_to_buffer(buffer, lane, due)


def offer_to_buffer(buffer: DueBuffer, lane: Lane, tasks: Sequence[DueTask]) -> int:
    """Put pending tasks into the buffer; how many were new. Redis being down is only logged.

    The tasks are in the store already. What does not reach the buffer is found by the refill,
    by sweep S1, or, while Redis stays down, by dispatching straight from the store.
    """
    if not tasks:
        return 0
    try:
        return buffer.put(lane, tasks)
    except BackendUnavailable as error:
        log.warning(
            "%d tasks of %s did not reach the due buffer: %s",
            len(tasks),
            lane.name,
            error,
            extra={"event": "put_failed", "lane": lane.name, "tasks": len(tasks)},
        )
        return 0
