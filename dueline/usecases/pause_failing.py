"""Pause schedules of which one occurrence after the other fails."""

import logging
from datetime import datetime, timedelta
from functools import partial

from dueline.config import Settings
from dueline.domain.schedules import Schedule, ScheduleChanged, paused
from dueline.due_buffer.interface import DueBuffer
from dueline.schedule_store.interface import ScheduleStore
from dueline.usecases.change_schedule import change_schedule

log = logging.getLogger(__name__)

LOOK_BACK = timedelta(minutes=5)
BATCH = 100


def pause_failing(
    *, store: ScheduleStore, buffer: DueBuffer, now: datetime, settings: Settings
) -> int:
    """Pause those whose last `pause_after_failures` occurrences all failed; how many.

    1. Read schedules of which an occurrence failed lately. Nothing is counted anywhere: the rows
       are looked at, so a tick that was away finds the same at the next failure.
    2. Pause each by change_schedule(), whose crashes leave what is said there. One that someone
       else changes meanwhile is left to the next pass.
    """
    failing = store.failing_page(now=now, failed_since=now - LOOK_BACK, limit=BATCH)
    for tenant, schedule_id in failing:
        if schedule := store.get(tenant, schedule_id):
            _pause(schedule, store, buffer, now, settings)
    return len(failing)


def _pause(
    schedule: Schedule, store: ScheduleStore, buffer: DueBuffer, now: datetime, settings: Settings
) -> None:
    note = f"the last {schedule.pause_after_failures} occurrences failed"
    change = partial(paused, now=now, note=note)
    try:
        change_schedule(schedule, change, store=store, buffer=buffer, now=now, settings=settings)
    except ScheduleChanged:
        return
    log.warning(
        "schedule %s is paused: %s",
        schedule.id,
        note,
        extra={"event": "schedule_paused", "schedule_id": schedule.id, "note": note},
    )
