"""A rule as a request or a row holds it, to a RecurrenceRule."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from dueline.domain.recurrence.cron import EVERY_SECOND, Cron
from dueline.domain.recurrence.cron_syntax import parse_cron
from dueline.domain.recurrence.duration import parse_duration
from dueline.domain.recurrence.every import Every
from dueline.domain.recurrence.exclusion import Exclusion
from dueline.domain.recurrence.instants import Instants
from dueline.domain.recurrence.invalid import InvalidRecurrence
from dueline.domain.recurrence.occurrences import FIRST_INSTANT, next_after
from dueline.domain.recurrence.policies import DstGap, DstOverlap, JitterMode
from dueline.domain.recurrence.rrule import Rrule
from dueline.domain.recurrence.rrule_syntax import parse_rrule
from dueline.domain.recurrence.rule import NO_EXCLUSION, RecurrenceRule
from dueline.domain.recurrence.spec_values import (
    Spec,
    choice_of,
    instant_of,
    items_of,
    max_runs_of,
    read_instant,
    text_of,
)
from dueline.domain.recurrence.zones import load_zone

PATTERN_KEYS = ("cron", "every", "rrule", "instants")
KEYS = (
    *PATTERN_KEYS,
    *("timezone", "starts_at", "ends_at", "max_runs", "exclude"),
    *("jitter", "jitter_mode", "dst_gap", "dst_overlap"),
)
LONGEST_INTERVAL = timedelta(days=3650)
LONGEST_JITTER = timedelta(days=1)
MAX_EXCLUDING_CRONS = 10

_SECOND = timedelta(seconds=1)
_DATE = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")


def parse_rule(spec: Spec, *, anchor: datetime | None = None, seed: str = "") -> RecurrenceRule:
    """Read a rule from strings, numbers and lists, such as {"cron": "0 9 * * MON-FRI"}.

    Exactly one of PATTERN_KEYS says when; the other KEYS refine it. A key whose value is None
    counts as absent. `anchor` (aware: when the schedule was created, taken in whole seconds) is
    where `every` and `rrule` count from without `starts_at`. `seed` (the schedule's id) is what
    jitter is computed from.
    Raises InvalidRecurrence, which names the key that is wrong and what to write instead.
    """
    _refuse_unknown_keys(spec)
    zone = load_zone(text_of(spec, "timezone") or "UTC")
    local = zone if spec.get("timezone") is not None else None
    starts_at = instant_of(spec, "starts_at", local)
    created_at = anchor and anchor.astimezone(UTC).replace(microsecond=0)
    rule = RecurrenceRule(
        pattern=_pattern(spec, zone, local, starts_at or created_at),
        zone=zone,
        starts_at=starts_at,
        ends_at=instant_of(spec, "ends_at", local),
        max_runs=max_runs_of(spec),
        jitter=_jitter(spec),
        jitter_mode=choice_of(spec, "jitter_mode", JitterMode.HASH),
        seed=seed,
        exclusion=_exclusion(spec),
        dst_gap=choice_of(spec, "dst_gap", DstGap.SHIFT),
        dst_overlap=choice_of(spec, "dst_overlap", DstOverlap.FIRST),
    )
    _refuse_if_it_never_runs(rule, spec)
    return rule


def _refuse_unknown_keys(spec: Spec) -> None:
    for key, value in spec.items():
        if key not in KEYS:
            raise InvalidRecurrence(key, value, f"is unknown; use some of {', '.join(KEYS)}")


def _pattern(
    spec: Spec, zone: ZoneInfo, local: ZoneInfo | None, start: datetime | None
) -> Cron | Every | Rrule | Instants:
    given = [key for key in PATTERN_KEYS if spec.get(key) is not None]
    if len(given) != 1:
        what = " and ".join(given) or "none"
        message = f"give exactly one of {', '.join(PATTERN_KEYS)}, not {what}"
        raise InvalidRecurrence(given[0] if given else "cron", None, message)
    [key] = given
    if key == "cron":
        return parse_cron(text_of(spec, "cron") or "")
    if key == "instants":
        instants = {read_instant(item, key, local) for item in items_of(spec, key)}
        if not instants:
            raise InvalidRecurrence(key, spec[key], "is empty; give at least one")
        return Instants(instants=tuple(sorted(instants)))
    if start is None:
        raise InvalidRecurrence("starts_at", None, f"is missing; {key} counts from it")
    if key == "every":
        interval = parse_duration(spec["every"], key, shortest=_SECOND, longest=LONGEST_INTERVAL)
        return Every(interval=interval, anchor=start)
    return parse_rrule(text_of(spec, "rrule") or "", start, zone)


def _jitter(spec: Spec) -> timedelta:
    value = spec.get("jitter")
    if value is None:
        return timedelta(0)
    return parse_duration(value, "jitter", shortest=timedelta(0), longest=LONGEST_JITTER)


def _exclusion(spec: Spec) -> Exclusion:
    items = items_of(spec, "exclude")
    if not items:
        return NO_EXCLUSION
    days: set[date] = set()
    crons: list[Cron] = []
    for item in items:
        if not isinstance(item, str):
            raise InvalidRecurrence("exclude", item, f"{item!r} is neither a date nor a cron")
        if _DATE.fullmatch(item):
            days.add(_day(item))
        else:
            crons.append(_whole_minutes(parse_cron(item, "exclude")))
    if len(crons) > MAX_EXCLUDING_CRONS:
        message = f"has {len(crons)} crons; at most {MAX_EXCLUDING_CRONS}"
        raise InvalidRecurrence("exclude", items, message)
    return Exclusion(days=frozenset(days), crons=tuple(crons))


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise InvalidRecurrence("exclude", text, f"{text!r} is not in the calendar") from None


def _whole_minutes(cron: Cron) -> Cron:
    """A cron of 5 fields excludes its minutes as a whole, not only their second 0."""
    return cron if len(cron.text.split()) == 6 else replace(cron, seconds=EVERY_SECOND)


def _refuse_if_it_never_runs(rule: RecurrenceRule, spec: Spec) -> None:
    unrestricted = replace(rule, exclusion=NO_EXCLUSION)
    if rule.ends_at is not None and next_after(unrestricted, FIRST_INSTANT) is None:
        raise InvalidRecurrence("ends_at", spec.get("ends_at"), "no run comes before it")
    if rule.exclusion != NO_EXCLUSION and next_after(rule, FIRST_INSTANT) is None:
        raise InvalidRecurrence("exclude", spec.get("exclude"), "leaves no run; exclude less")
