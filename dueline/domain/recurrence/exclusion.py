"""Days and times at which a schedule does not run."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from dueline.domain.recurrence.cron import EVERY_HOUR, EVERY_MINUTE, EVERY_SECOND, Cron
from dueline.domain.recurrence.dst import first_instant, transition_at


@dataclass(frozen=True, slots=True, kw_only=True)
class Exclusion:
    """Whole local days, and readings of the wall clock that a cron matches."""

    days: frozenset[date] = frozenset()
    crons: tuple[Cron, ...] = ()


def excluded_until(exclusion: Exclusion, zone: ZoneInfo, instant: datetime) -> datetime | None:
    """None if the instant is not excluded, else a later one before which all are excluded.

    What counts is the wall clock at the instant itself; no DST policy is applied. The answer
    jumps over the whole day, hour or minute, so that a long exclusion costs few steps.
    """
    wall = instant.astimezone(zone)
    reading = wall.replace(tzinfo=None, fold=0)
    if reading.date() in exclusion.days:
        return _when_read(zone, instant, reading, _end_of_day(reading))
    for cron in exclusion.crons:
        if cron.matches(reading):
            return _when_read(zone, instant, reading, _end_of_match(cron, reading))
    return None


def _end_of_match(cron: Cron, reading: datetime) -> datetime:
    """The end of the largest unit around `reading` that the cron matches as a whole."""
    if cron.seconds != EVERY_SECOND:
        return reading.replace(microsecond=0) + timedelta(seconds=1)
    if cron.minutes != EVERY_MINUTE:
        return reading.replace(second=0, microsecond=0) + timedelta(minutes=1)
    if cron.hours != EVERY_HOUR:
        return reading.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    return _end_of_day(reading)


def _end_of_day(reading: datetime) -> datetime:
    return datetime.combine(reading.date() + timedelta(days=1), time())


def _when_read(zone: ZoneInfo, instant: datetime, reading: datetime, end: datetime) -> datetime:
    """When the clock reads `end`, counted on from the instant at which it reads `reading`.

    Elapsed time is the answer unless a transition lies between. Over a gap it is too long, and
    first_instant() is right. Over a fold it is too short, which costs another step; but the fold
    may lead out of the unit again (Newfoundland went from 00:01 back to yesterday's 23:01), so
    none is stepped over from its first pass.
    """
    elapsed = instant + (end - reading)
    fold = transition_at(zone, reading)
    if fold is not None and instant < fold.at:
        return min(elapsed, fold.at)
    by_clock = first_instant(zone, end)
    return min(elapsed, by_clock) if by_clock > instant else elapsed
