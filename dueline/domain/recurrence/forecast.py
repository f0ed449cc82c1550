"""What a user should know of a rule before it runs."""

from datetime import datetime, timedelta

from dueline.domain.recurrence.cron import EVERY_HOUR, Cron
from dueline.domain.recurrence.dst import Transition, transitions_between
from dueline.domain.recurrence.every import Every
from dueline.domain.recurrence.month_days import missing_days
from dueline.domain.recurrence.occurrences import between, next_after
from dueline.domain.recurrence.policies import DstGap, DstOverlap
from dueline.domain.recurrence.rrule import Rrule
from dueline.domain.recurrence.rule import RecurrenceRule
from dueline.domain.recurrence.wording import duration_in_words, joined

MANY_RUNS_PER_DAY = 100

_DAY = timedelta(days=1)
_YEAR = timedelta(days=366)
_NAMED_TIMES = 3  # more are counted, not named
_PASSES = {
    DstOverlap.FIRST: "at the first pass only",
    DstOverlap.SECOND: "at the second pass only",
    DstOverlap.BOTH: "at both passes",
}


def warnings(rule: RecurrenceRule, after: datetime) -> list[str]:
    """Sentences on what may surprise, from `after` (aware) on; none for an ordinary rule.

    In this order: nothing runs any more; many runs per day; days that some months lack; elapsed
    days that drift from the clock; what each daylight saving change of the coming year does.
    """
    first = next_after(rule, after)
    if first is None:
        return ["Nothing runs any more: no run lies ahead."]
    found = [*_many_runs(rule, first), *missing_days(rule.pattern)]
    ahead = transitions_between(rule.zone, after, after + _YEAR)
    match rule.pattern:
        case Every(interval=interval) if ahead and not interval % _DAY:
            found.append(
                f"Every {duration_in_words(interval)} is elapsed time: the time of day in"
                f" {rule.zone.key} changes with daylight saving. Use cron to keep it."
            )
        case Cron() | Rrule() as walls if not _runs_every_hour(walls):
            found += [text for change in ahead if (text := _effect(rule, walls, change))]
    return found


def _many_runs(rule: RecurrenceRule, first: datetime) -> list[str]:
    match rule.pattern:
        case Every(interval=interval):
            per_day = _DAY // interval
        case Cron() as cron:
            per_day = cron.hours.bit_count() * cron.minutes.bit_count() * cron.seconds.bit_count()
        case _:
            listed = between(rule, first, first + _DAY, limit=MANY_RUNS_PER_DAY)
            if len(listed) < MANY_RUNS_PER_DAY:
                return []
            return [f"Runs more than {MANY_RUNS_PER_DAY} times a day."]
    return [f"Runs {per_day:,} times a day."] if per_day > MANY_RUNS_PER_DAY else []


def _runs_every_hour(walls: Cron | Rrule) -> bool:
    """Whether the rule's rhythm is one that a change of the clock leaves as it is."""
    return isinstance(walls, Cron) and walls.follows_clock and walls.hours == EVERY_HOUR


def _effect(rule: RecurrenceRule, walls: Cron | Rrule, change: Transition) -> str | None:
    times = _times_in(walls, change)
    if not times:
        return None
    first, end = change.first_reading, change.end_reading
    until = f"{end:%H:%M}" if end.date() == first.date() else f"{end:%Y-%m-%d %H:%M}"
    clock = f"On {first:%Y-%m-%d} the clock in {rule.zone.key}"
    runs = "runs" if len(times) == 1 else "run"
    named = joined(times)
    if change.is_gap:
        jump = f"{clock} jumps from {first:%H:%M} to {until}"
        if walls.follows_clock:
            return f"{jump}: {named} does not come."
        if rule.dst_gap is DstGap.SKIP:
            return f"{jump}: {named} will not run (dst_gap: skip)."
        return f"{jump}: {named} {runs} at {until} (dst_gap: shift)."
    passes = DstOverlap.BOTH if walls.follows_clock else rule.dst_overlap
    policy = "" if walls.follows_clock else f" (dst_overlap: {passes})"
    return (
        f"{clock} reads {first:%H:%M} to {until} twice: {named} {runs} {_PASSES[passes]}{policy}."
    )


def _times_in(walls: Cron | Rrule, change: Transition) -> list[str]:
    """The rule's times that the change takes away or repeats: the first few, and "later times"."""
    times: list[str] = []
    reading = walls.at_or_after(change.first_reading)
    while reading is not None and reading < change.end_reading:
        if len(times) == _NAMED_TIMES:
            return [*times, "later times"]
        times.append(f"{reading:%H:%M}" if reading.second == 0 else f"{reading:%H:%M:%S}")
        reading = walls.at_or_after(reading + timedelta(seconds=1))
    return times
