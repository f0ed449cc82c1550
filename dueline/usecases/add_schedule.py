"""Take a new schedule in."""

from datetime import datetime

from dueline.config import Settings
from dueline.domain.schedules import Schedule
from dueline.due_buffer.interface import DueBuffer
from dueline.schedule_store.interface import ScheduleStore
from dueline.usecases.expand_schedules import MOST_OF_ONE, carry_out, plan_of


def add_schedule(
    schedule: Schedule,
    *,
    store: ScheduleStore,
    buffer: DueBuffer,
    now: datetime,
    settings: Settings,
) -> bool:
    """Make a new schedule durable, and its first occurrences. False: its name is taken.

    1. Insert it, next_at being its first instant: committed when `add` returns.
    2. Make its first occurrences and offer them to the buffer, so that one that is due in a second
       need not wait for tick. Crash before it, or no answer: tick does the same within a second.
    """
    if not store.add(schedule):
        return False
    make_first(schedule, store=store, buffer=buffer, now=now, settings=settings)
    return True


def make_first(
    schedule: Schedule,
    *,
    store: ScheduleStore,
    buffer: DueBuffer,
    now: datetime,
    settings: Settings,
) -> None:
    """Make the next occurrences of one schedule now; what is further ahead is left to tick."""
    if schedule.next_at is None or schedule.is_paused(now):
        return
    until = now + settings.horizon
    expansion = plan_of(schedule, now=now, until=until, settings=settings, most=MOST_OF_ONE)
    carry_out([expansion], store=store, buffer=buffer, now=now, settings=settings)
