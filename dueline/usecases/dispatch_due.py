"""Send what is due in a lane to its work queue."""

from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple

from dueline.clock import Clock
from dueline.config import Settings
from dueline.domain.lanes import Lane
from dueline.domain.messages import encode_message, pages
from dueline.domain.tasks import TaskRef
from dueline.due_buffer.interface import DueBuffer
from dueline.task_store.interface import Dispatching
from dueline.work_queue.interface import Published, WorkQueue


class Dispatched(NamedTuple):
    """What became of one round."""

    confirmed: list[TaskRef]  # their message lies in the work queue
    unsent: int  # ids that stay in flight: returned, refused, or no answer in time


def dispatch_due(
    lane: Lane,
    *,
    buffer: DueBuffer,
    queue: WorkQueue,
    clock: Clock,
    settings: Settings,
    deadline: timedelta,
) -> Dispatched:
    """Publish the ids that are due within `reach`, one batch of the lane.

    1. Lease them: waiting → in flight, for 30 s on Redis' clock. A crash from here on leaves them
       in flight; any tick sends them again when the lease ends.
    2. Publish them in pages and wait for the confirms, `deadline` for all. What was not
       confirmed may still have been delivered: it stays in flight and is sent again.
    What was confirmed is for the caller to mark (mark_sent), before the lease ends.
    Raises BufferLost, BackendUnavailable.
    """
    refs = buffer.lease_due(
        lane,
        until=clock.now() + settings.reach,
        lease=settings.in_flight_lease,
        limit=settings.dispatch_batch,
    )
    if not refs:
        return Dispatched([], 0)
    confirmed = _publish(lane, refs, queue=queue, page=settings.page, deadline=deadline)
    return Dispatched(confirmed, len(refs) - len(confirmed))


def dispatch_from_store(
    lane: Lane,
    *,
    store: Dispatching,
    queue: WorkQueue,
    clock: Clock,
    settings: Settings,
    deadline: timedelta,
) -> Dispatched:
    """The same without the due buffer, for while Redis is down: slower, still right.

    1. Read what is pending and due within `lead` from the store. 2. Publish. 3. Mark the
    confirmed ones `queued`. Nothing remembers what is in flight: a crash between 2 and 3, or a
    second tick, publishes twice, and the second message's claim finds an old fence.
    """
    due = store.earliest_due(lane, until=clock.now() + settings.lead, limit=settings.dispatch_batch)
    refs = [task.ref for task in due]
    confirmed = _publish(lane, refs, queue=queue, page=settings.page, deadline=deadline)
    if confirmed:
        store.mark_queued(confirmed, now=clock.now())
    return Dispatched(confirmed, len(refs) - len(confirmed))


def _publish(
    lane: Lane, refs: Sequence[TaskRef], *, queue: WorkQueue, page: int, deadline: timedelta
) -> list[TaskRef]:
    """Publish refs in pages; those whose message the broker confirmed."""
    messages = list(pages(refs, most=page))
    answers = queue.publish(lane, [encode_message(refs) for refs in messages], deadline=deadline)
    return [
        ref
        for refs, answer in zip(messages, answers, strict=True)
        if answer is Published.CONFIRMED
        for ref in refs
    ]
