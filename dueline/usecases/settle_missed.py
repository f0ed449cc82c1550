"""Decide about occurrences that were made in time and could not be sent in time."""

from datetime import datetime

from dueline.config import Settings
from dueline.domain.missed import MissedPolicy, verdicts
from dueline.due_buffer.interface import DueBuffer
from dueline.schedule_store.interface import Expanding, Overdue, Settled
from dueline.usecases.offer_to_buffer import offer_soon

BATCH = 1_000
MOST_BATCHES = 100


def settle_missed(*, store: Expanding, buffer: DueBuffer, now: datetime, settings: Settings) -> int:
    """Apply each schedule's policy to what is pending though it was due `missed_after` ago: after
    a time in which nothing ran, it is this that keeps all of it from running at once. How many
    occurrences were decided about.

    It comes before dispatch in each pass, so that a tick which starts decides before it sends.
    Batch by batch: 1. Read such occurrences. 2. Decide, purely. 3. In one statement skip them or
    put them off (to now, or to their turn at the pace), where the fence is still as seen: so each
    is decided about once. A crash before it leaves them to the next tick; old ids in the buffer
    or the work queue claim nothing. 4. Offer what was put off. A crash before it: S1 finds it.
    """
    due_before = now - settings.missed_after
    decided = 0
    for _ in range(MOST_BATCHES):
        overdue = store.overdue_page(now=now, due_before=due_before, limit=BATCH)
        if not overdue:
            break
        put_off = store.settle([_settled(of_one, now) for of_one in overdue], now=now)
        offer_soon(put_off, buffer=buffer, now=now, settings=settings)
        found = sum(len(of_one.tasks) for of_one in overdue)
        decided += found
        if found < BATCH:
            break
    return decided


def _settled(overdue: Overdue, now: datetime) -> Settled:
    schedule = overdue.schedule
    decided = list(
        verdicts(
            schedule.missed,
            [task.due_at for task in overdue.tasks],
            now=now,
            later_due=overdue.later_due,
            paced_until=schedule.paced_until,
        )
    )
    starts = [verdict.due_at for verdict in decided if verdict.due_at]
    paced = starts and schedule.missed.policy is MissedPolicy.ALL
    return Settled(
        schedule.id,
        [(task.ref, verdict) for task, verdict in zip(overdue.tasks, decided, strict=True)],
        starts[-1] if paced else None,
    )
