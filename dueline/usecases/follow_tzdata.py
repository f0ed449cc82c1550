"""Recompute what was computed with older time zone rules."""

import logging
from datetime import datetime

from dueline.config import Settings
from dueline.domain.recurrence import TZDATA_VERSION, InvalidRecurrence
from dueline.domain.schedules import Schedule, ScheduleChanged, rewound
from dueline.due_buffer.interface import DueBuffer
from dueline.schedule_store.interface import ScheduleStore
from dueline.usecases.change_schedule import change_schedule

log = logging.getLogger(__name__)

BATCH = 200


def follow_tzdata(
    *, store: ScheduleStore, buffer: DueBuffer, now: datetime, settings: Settings
) -> int:
    """Bring one batch of schedules to this process' TZDATA_VERSION; how many there were.

    1. Read schedules whose next_at was computed with another version. 2. Change each into itself
    (change_schedule), which takes back what is not due yet and makes it under today's rules.
    3. Log each whose next run is another now. A crash leaves the rest to the next tick.
    """
    outdated = store.outdated_page(tzdata_version=TZDATA_VERSION, limit=BATCH)
    for tenant, schedule_id in outdated:
        if schedule := store.get(tenant, schedule_id):
            _follow(schedule, store, buffer, now, settings)
    return len(outdated)


def _follow(
    schedule: Schedule, store: ScheduleStore, buffer: DueBuffer, now: datetime, settings: Settings
) -> None:
    before = _next_run(schedule, store, now)
    try:
        made_after = store.made_after(schedule, now=now)
        after = rewound(schedule, now, made_after=made_after).next_at
        change_schedule(
            schedule, lambda seen: seen, store=store, buffer=buffer, now=now, settings=settings
        )
    except (ScheduleChanged, InvalidRecurrence) as error:
        log.warning("tzdata: %s", error, extra={"event": "tzdata_left", "id": schedule.id})
        return
    if before != after:
        _tell(schedule, before, after)


def _next_run(schedule: Schedule, store: ScheduleStore, now: datetime) -> datetime | None:
    """The first instant after now, as it was computed: of a task, or the one to be made next."""
    made = store.occurrences(schedule.tenant, schedule.id, at=now, before=0, after=1)
    return made[0].occurrence_at if made else schedule.next_at


def _tell(schedule: Schedule, before: datetime | None, after: datetime | None) -> None:
    was, is_now = (at.isoformat() if at else None for at in (before, after))
    log.warning(
        "schedule %s: its next run was %s by tzdata %s, and is %s by %s",
        schedule.id,
        was,
        schedule.tzdata_version,
        is_now,
        TZDATA_VERSION,
        extra={
            "event": "tzdata_changed",
            "schedule_id": schedule.id,
            "was": was,
            "is_now": is_now,
            "old_version": schedule.tzdata_version,
            "new_version": TZDATA_VERSION,
        },
    )
