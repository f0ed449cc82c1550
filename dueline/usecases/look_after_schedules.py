"""What tick does for schedules in a pass."""

from datetime import datetime
from typing import NamedTuple

from dueline.config import Settings
from dueline.due_buffer.interface import DueBuffer
from dueline.schedule_store.interface import ScheduleStore
from dueline.usecases.expand_schedules import expand_schedules
from dueline.usecases.follow_tzdata import follow_tzdata
from dueline.usecases.pause_failing import pause_failing
from dueline.usecases.settle_missed import settle_missed


class LookedAfter(NamedTuple):
    """What was done."""

    made: int  # occurrences, pending or skipped
    missed: int  # occurrences that were decided about
    more: bool  # whether there is more to make at once
    outdated: bool  # whether there may be more to recompute


def look_after_schedules(
    *, store: ScheduleStore, buffer: DueBuffer, now: datetime, settings: Settings, outdated: bool
) -> LookedAfter:
    """Bring all schedules up to date, a batch of each thing, so that what is due goes out in
    between. Any number of ticks may do so at once; each step's own docstring says what a crash
    leaves.

    1. Decide about occurrences that could not be sent in time: before anything is sent.
    2. Pause what fails again and again. 3. Where there may be some, recompute what older time zone
    rules computed: once a tick is often enough. 4. Make the next occurrences.
    """
    missed = settle_missed(store=store, buffer=buffer, now=now, settings=settings)
    pause_failing(store=store, buffer=buffer, now=now, settings=settings)
    if outdated:
        outdated = follow_tzdata(store=store, buffer=buffer, now=now, settings=settings) > 0
    made, more = expand_schedules(store=store, buffer=buffer, now=now, settings=settings)
    return LookedAfter(made, missed, more or outdated, outdated)
