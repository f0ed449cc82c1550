"""Put back what was lost on the way: the three repairs."""

from datetime import datetime
from typing import NamedTuple

from dueline.config import Settings
from dueline.domain.lanes import Lane
from dueline.due_buffer.interface import DueBuffer
from dueline.task_store.interface import Dispatching
from dueline.usecases.offer_to_buffer import offer_to_buffer
from dueline.work_queue.interface import WorkQueue

# Of each repair in one sweep. As many as a killed `execute` may hold, or a lost queue: the bounds
# are for the last of them. One statement over so many takes a fraction of a second.
BATCH = 5_000


class Swept(NamedTuple):
    """How many tasks each repair put back, and whether S1 has reason to rest."""

    overdue: int = 0  # S1: were in no buffer
    unclaimed: int = 0  # S2: their message was lost
    lost_leases: int = 0  # S3: their execute was lost, and they are to be tried again
    none_lost: bool = False  # S1 read as many as it may, and none was new to the buffer


def sweep_lane(
    lane: Lane,
    *,
    store: Dispatching,
    buffer: DueBuffer,
    queue: WorkQueue,
    now: datetime,
    settings: Settings,
    look_for_lost: bool = True,
) -> Swept:
    """S1, if it is to `look_for_lost`, and S2 for one lane. Every step can be repeated, by any
    number of ticks at once.

    S1. Pending and past due by more than the grace: into the buffer, which ignores what it has
        waiting or in flight. Repairs a `schedule` that died before its put, and a flush that
        the watermark did not show (a failover to a replica that lagged).
    S2. Queued for long while the lane's work queue is empty: the message is gone. Pending again
        under a new fence, then into the buffer. A crash between the two is repaired by S1.
    """
    overdue, none_lost = 0, False
    if look_for_lost:
        late = store.earliest_due(lane, until=now - settings.overdue_grace, limit=BATCH)
        overdue = offer_to_buffer(buffer, lane, late)
        none_lost = len(late) == BATCH and not overdue
    queued_before = now - settings.unclaimed_after
    unclaimed = 0
    if store.has_unclaimed(lane, queued_before=queued_before) and queue.depth(lane) == 0:
        tasks = store.reset_unclaimed(lane, queued_before=queued_before, limit=BATCH)
        offer_to_buffer(buffer, lane, tasks)
        unclaimed = len(tasks)
    return Swept(overdue=overdue, unclaimed=unclaimed, none_lost=none_lost)


def sweep_leases(
    *, store: Dispatching, buffer: DueBuffer, now: datetime, settings: Settings
) -> Swept:
    """S3, for all lanes: running under a lease that ran out. Its execute died, was frozen past
    the lease, or lost its connection. Pending again (or failed when its attempts are used up)
    under a new fence, so that whatever the old one still writes is discarded.
    """
    again = store.end_lost_leases(now=now, limit=BATCH)
    by_lane = settings.lanes.by_lane((queue, task.ref.id, task) for queue, task in again)
    for lane, tasks in by_lane:
        offer_to_buffer(buffer, lane, tasks)
    return Swept(lost_leases=len(again))
