"""Make the next occurrences of the schedules whose time comes."""

import logging
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from dueline.config import Settings
from dueline.domain.expansion import Expansion, planned
from dueline.domain.recurrence import InvalidRecurrence
from dueline.domain.schedules import Recurring, paused
from dueline.domain.tasks import DueTask, TaskRef
from dueline.due_buffer.interface import DueBuffer
from dueline.schedule_store.interface import Expanding, ScheduleStore
from dueline.usecases.offer_to_buffer import offer_soon

log = logging.getLogger(__name__)

PAGE = 2_000  # schedules in one batch
MOST_TASKS = 5_000  # occurrences in one batch
MOST_OF_ONE = 300  # of one schedule in one batch


class Expanded(NamedTuple):
    """What one batch did."""

    made: int  # tasks inserted, pending or skipped
    more: bool  # whether another batch may find something at once


def expand_schedules(
    *, store: ScheduleStore, buffer: DueBuffer, now: datetime, settings: Settings
) -> Expanded:
    """Make the occurrences due up to the horizon (and a little), one batch; any number of ticks
    may do so at once.

    1. Read a page of schedules whose next_at lies before that, earliest first.
    2. Plan: the instants from next_at on, at most so many of one schedule and in all, so that
       a backlog of any length costs little memory, and no schedule keeps the others waiting. A
       rule that can no longer be read pauses its schedule, with a note that says why.
    3. In one statement insert the tasks and move next_at on, where the schedule is still as seen.
       Crash before it: nothing is done. A second tick, or an edit, that was quicker: nothing is
       done. A task that is there already is left alone.
    4. Offer those due soon to the buffer. Crash before it: refill loads them when their time
       comes near, or, where its watermark has passed them, S1 finds them once overdue.
    """
    # Twice the slack: what is made in time is beyond what the refill may have passed, so that in
    # the steady state it is the refill that loads it.
    until = now + settings.horizon + 2 * settings.slack
    schedules = store.due_page(now=now, until=until, limit=PAGE)
    expansions: list[Expansion] = []
    room = MOST_TASKS
    for schedule in schedules:
        if room <= 0:
            break
        if expansion := _plan(schedule, store, now, until, settings, min(room, MOST_OF_ONE)):
            expansions.append(expansion)
            room -= len(expansion.occurrences)
    made = carry_out(expansions, store=store, buffer=buffer, now=now, settings=settings)
    more = len(schedules) >= PAGE or any(
        expansion.next_at is not None and expansion.next_at <= until for expansion in expansions
    )
    return Expanded(made, more or room <= 0)


def carry_out(
    expansions: Sequence[Expansion],
    *,
    store: Expanding,
    buffer: DueBuffer,
    now: datetime,
    settings: Settings,
) -> int:
    """Steps 3 and 4; how many tasks were inserted."""
    if not expansions:
        return 0
    inserted = store.expand(expansions, now=now)
    pending = [
        (expansion.seen.queue, DueTask(TaskRef(occurrence.id, 0), occurrence.due_at))
        for expansion in expansions
        for occurrence in expansion.occurrences
        if occurrence.skipped is None and occurrence.id in inserted
    ]
    offer_soon(pending, buffer=buffer, now=now, settings=settings)
    return len(inserted)


def plan_of(
    schedule: Recurring, *, now: datetime, until: datetime, settings: Settings, most: int
) -> Expansion:
    """Step 2 for one schedule. Raises InvalidRecurrence."""
    return planned(
        schedule,
        now=now,
        until=until,
        late_after=settings.missed_after,
        most=most,
    )


def _plan(
    schedule: Recurring,
    store: ScheduleStore,
    now: datetime,
    until: datetime,
    settings: Settings,
    most: int,
) -> Expansion | None:
    try:
        return plan_of(schedule, now=now, until=until, settings=settings, most=most)
    except InvalidRecurrence as error:
        log.exception(
            "schedule %s is paused: its rule cannot be read",
            schedule.id,
            extra={"event": "schedule_unreadable", "schedule_id": schedule.id},
        )
        note = f"its rule can no longer be read: {error}"
        if whole := store.get(schedule.tenant, schedule.id):
            store.replace(whole, paused(whole, now, note=note), now=now)
        return None
