"""When a schedule runs next. Pure."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from itertools import islice

from dueline.domain.recurrence import next_after
from dueline.domain.schedules import Schedule, recurrence_of
from dueline.domain.tasks import FINAL, Task

MOST_PASSED_OVER = 1_000

_SMALLEST_STEP = timedelta(microseconds=1)


def next_runs(
    schedule: Schedule, now: datetime, *, limit: int, made: Sequence[Task] = ()
) -> list[datetime]:
    """Its next nominal instants later than `now`, at most `limit`, earliest first.

    `made`: its tasks of the time ahead, as far as they are known. They add what has been made
    before the schedule ended, and take out what will not run. While it is paused, only what comes
    after the pause counts; none, where more than MOST_PASSED_OVER instants of a limited number
    would be used up by it.
    """
    pause = schedule.pause
    if pause is not None and schedule.is_paused(now):
        if pause.until is None:
            return []
        now = pause.until - _SMALLEST_STEP
    ahead = [(task, task.occurrence_at) for task in made]
    gone = {at for task, at in ahead if task.status in FINAL}
    waiting = {at for task, at in ahead if at and at > now and task.status not in FINAL}
    by_rule = islice(_instants(schedule, now), limit + len(gone))
    return sorted((waiting | set(by_rule)) - gone)[:limit]


def _instants(schedule: Schedule, now: datetime) -> Iterator[datetime]:
    """By the rule: those that next_at has passed already, then those that are to be made.

    The passed ones have been counted against max_runs, so it does not end them here.
    """
    rule = recurrence_of(schedule)
    at, runs_made = schedule.next_at, schedule.runs_made
    passed = next_after(rule, now)
    while passed is not None and at is not None and passed < at:
        yield passed
        passed = next_after(rule, passed)
    if rule.max_runs is None and at is not None and at <= now:
        at = next_after(rule, now)
    for _ in range(MOST_PASSED_OVER):
        if at is None:
            return
        if at > now:
            yield at
        runs_made += 1
        at = next_after(rule, at, runs_made=runs_made)
