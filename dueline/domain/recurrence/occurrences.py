"""The occurrences of a rule, one after the other."""

from datetime import UTC, datetime, timedelta

from dueline.domain.recurrence.cron import LAST_YEAR, Cron
from dueline.domain.recurrence.dst import next_instant
from dueline.domain.recurrence.exclusion import excluded_until
from dueline.domain.recurrence.rrule import Rrule
from dueline.domain.recurrence.rule import RecurrenceRule

# What bounds the search of a rule whose exclusion leaves nothing. Each step passes at least one
# occurrence, and the whole day, hour or minute where that is excluded as a whole.
MAX_EXCLUDED_IN_A_ROW = 5_000

FIRST_INSTANT = datetime(1970, 1, 1, tzinfo=UTC)
LAST_INSTANT = datetime(LAST_YEAR, 12, 31, tzinfo=UTC)

_SMALLEST_STEP = timedelta(microseconds=1)


def next_after(rule: RecurrenceRule, after: datetime, *, runs_made: int = 0) -> datetime | None:
    """The first occurrence later than `after` (aware); aware UTC. None: there is none any more.

    The answer depends on the arguments alone, and is always later than `after`: feeding each
    answer back in gives every occurrence once, in order. It is the nominal instant; due_at() adds
    the jitter. `runs_made` is the number of occurrences that the schedule has made so far, which
    `max_runs` is compared with. A rule with more than MAX_EXCLUDED_IN_A_ROW excluded occurrences
    in a row counts as ended. No rule runs before FIRST_INSTANT or after LAST_INSTANT.
    """
    if rule.max_runs is not None and runs_made >= rule.max_runs:
        return None
    end = min(rule.ends_at or LAST_INSTANT, LAST_INSTANT)
    after = max(after, (rule.starts_at or FIRST_INSTANT) - _SMALLEST_STEP)
    for _step in range(MAX_EXCLUDED_IN_A_ROW):
        occurrence = _next_of_pattern(rule, after) if after < end else None
        if occurrence is None or occurrence > end:
            return None
        excluded = excluded_until(rule.exclusion, rule.zone, occurrence)
        if excluded is None:
            return occurrence
        after = excluded - _SMALLEST_STEP
    return None


def between(
    rule: RecurrenceRule, start: datetime, end: datetime, *, limit: int, runs_made: int = 0
) -> list[datetime]:
    """The occurrences later than `start` and not later than `end`, at most `limit` of them."""
    found: list[datetime] = []
    after = start
    while len(found) < limit:
        occurrence = next_after(rule, after, runs_made=runs_made + len(found))
        if occurrence is None or occurrence > end:
            break
        found.append(occurrence)
        after = occurrence
    return found


def _next_of_pattern(rule: RecurrenceRule, after: datetime) -> datetime | None:
    match rule.pattern:
        case Cron() | Rrule() as walls:
            return next_instant(walls, rule.zone, rule.dst_gap, rule.dst_overlap, after)
        case series:
            return series.next_after(after)
