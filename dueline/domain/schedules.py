"""A schedule: what recurs, when, and what becomes of the occurrences that cannot run as planned.

An occurrence is a task with `schedule_id` and `occurrence_at`, its nominal instant. Occurrences
are made ahead of time; `next_at` is the first instant that none has been made for yet. What is
made and not yet due can be taken back (`rewound`), which is how an edit takes effect at once.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from dueline.domain.errors import DuelineError
from dueline.domain.missed import Missed
from dueline.domain.overlap import Overlap
from dueline.domain.recurrence import TZDATA_VERSION, RecurrenceRule, next_after, parse_rule
from dueline.domain.retry import RetryPolicy
from dueline.domain.tasks import DEFAULT_TENANT, JsonText

NAME_PATTERN = r"[A-Za-z0-9][A-Za-z0-9_.-]{0,127}"

_SMALLEST_STEP = timedelta(microseconds=1)


class ScheduleChanged(DuelineError):
    """Someone else changed the schedule meanwhile, or it is gone: read it anew and decide again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """Nothing runs whose instant is in at <= instant < until.

    While it lasts no occurrences are made; once it is over, those of that time are made skipped.
    """

    at: datetime
    until: datetime | None = None  # None: until someone resumes it
    note: str | None = None  # why, for people


@dataclass(frozen=True, slots=True, kw_only=True)
class Recurring:
    """The part of a schedule that says when: all that making its occurrences has to read."""

    id: str  # a UUID in its canonical text form
    tenant: str = DEFAULT_TENANT
    version: int = 1  # rises with each change that a person asked for: the ETag
    queue: str
    rule: JsonText  # an object that parse_rule reads: {"cron": "0 9 * * *", "timezone": ...}
    created_at: datetime
    missed: Missed = field(default_factory=Missed)
    pause: Pause | None = None  # it may be over; see is_paused

    # How far its occurrences are made
    next_at: datetime | None  # nominal instant of the first that is not; None: it has ended
    runs_made: int = 0  # instants that next_at has passed, run or skipped: what max_runs limits
    paced_until: datetime | None = None  # with missed `all`: when the last that was paced is due

    def is_paused(self, now: datetime) -> bool:
        return self.pause is not None and (self.pause.until is None or self.pause.until > now)


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule(Recurring):
    """A recurring definition: the whole row of table `schedules`."""

    name: str | None = None  # unique within a tenant; never changes
    updated_at: datetime  # of the last change of `version`

    # The template of its tasks
    type: str
    payload: JsonText
    tags: tuple[str, ...] = ()
    retry: RetryPolicy = field(default_factory=RetryPolicy)
    timeout: timedelta | None = None

    overlap: Overlap = Overlap.ALLOW
    pause_after_failures: int | None = None  # this many in a row, of the instants after updated_at
    tzdata_version: str = TZDATA_VERSION  # of the time zone rules that computed next_at


def rule_spec(schedule: Recurring) -> Mapping[str, Any]:
    """The rule as an object."""
    spec: dict[str, Any] = json.loads(schedule.rule)
    return spec


def recurrence_of(schedule: Recurring) -> RecurrenceRule:
    """The rule, ready to be asked. `every` and `rrule` count from created_at if from nothing else.

    Raises InvalidRecurrence: for a rule that was never checked.
    """
    rule = _parsed(schedule.rule) or parse_rule(
        rule_spec(schedule), anchor=schedule.created_at, seed=schedule.id
    )
    return rule if rule.seed == schedule.id or not rule.jitter else replace(rule, seed=schedule.id)


@lru_cache(maxsize=4_096)
def _parsed(rule: JsonText) -> RecurrenceRule | None:
    """The rule of all schedules whose rule reads so, but for the seed; None where created_at
    decides too. Most installations have many schedules and few rules."""
    spec = json.loads(rule)
    counts_from_creation = {"every", "rrule"} & spec.keys() and spec.get("starts_at") is None
    return None if counts_from_creation else parse_rule(spec)


def instant_after(
    schedule: Recurring, rule: RecurrenceRule, after: datetime, *, made: int
) -> datetime | None:
    """The next instant of the schedule, whose rule this is, when so many have been made."""
    if rule.max_runs is None and _parsed(schedule.rule) is not None:
        return _instant_after(schedule.rule, after)
    return next_after(rule, after, runs_made=made)


@lru_cache(maxsize=4_096)
def _instant_after(rule: JsonText, after: datetime) -> datetime | None:
    """What all schedules of that rule have in common: they come up together, too."""
    parsed = _parsed(rule)
    return next_after(parsed, after) if parsed else None


def begun(schedule: Schedule) -> Schedule:
    """A new schedule with its first instant: the first of its rule after created_at.

    Raises InvalidRecurrence.
    """
    first = next_after(recurrence_of(schedule), schedule.created_at)
    return replace(schedule, next_at=first, tzdata_version=TZDATA_VERSION)


def paused(
    schedule: Schedule, now: datetime, *, note: str | None = None, until: datetime | None = None
) -> Schedule:
    """Pause it from now on."""
    return replace(schedule, pause=Pause(at=now, until=until, note=note))


def resumed(schedule: Schedule, now: datetime, *, from_pause: bool) -> Schedule:
    """End its pause: from now on, the instants since then skipped; or as if it had not been,
    and then the policy for missed occurrences decides about those.
    """
    if schedule.pause is None:
        return schedule
    return replace(schedule, pause=None if from_pause else replace(schedule.pause, until=now))


def rewound(schedule: Schedule, now: datetime, *, made_after: int) -> Schedule:
    """The schedule as if nothing later than `now` had been made; under its rule as it is, and the
    time zone rules of today. `made_after`: how many instants later than `now` have been passed.

    What is not made yet though it is due (next_at <= now) stays so: nothing is lost by a change.
    Raises InvalidRecurrence.
    """
    ahead = schedule.next_at is None or schedule.next_at > now
    base = now if ahead or schedule.next_at is None else schedule.next_at - _SMALLEST_STEP
    runs_made = schedule.runs_made - made_after
    next_at = next_after(recurrence_of(schedule), base, runs_made=runs_made)
    return replace(schedule, next_at=next_at, runs_made=runs_made, tzdata_version=TZDATA_VERSION)
