"""Single values of a rule's spec: of the right type, within limits, or a precise refusal."""

from collections.abc import Mapping
from datetime import UTC, datetime
from enum import StrEnum
from typing import TypeVar
from zoneinfo import ZoneInfo

from dueline.domain.recurrence.dst import first_instant
from dueline.domain.recurrence.invalid import InvalidRecurrence
from dueline.domain.recurrence.occurrences import FIRST_INSTANT, LAST_INSTANT

MAX_ITEMS = 1_000
MAX_RUNS = 1_000_000_000

Spec = Mapping[str, object]
_Choice = TypeVar("_Choice", bound=StrEnum)


def text_of(spec: Spec, key: str) -> str | None:
    """The string under `key`, None if there is none."""
    value = spec.get(key)
    if value is None or isinstance(value, str):
        return value
    raise InvalidRecurrence(key, value, f"{value!r} is not a string")


def choice_of(spec: Spec, key: str, default: _Choice) -> _Choice:
    """The member of the default's enum that is named under `key`."""
    value = spec.get(key)
    if value is None:
        return default
    choices = type(default)
    for choice in choices:
        if value == choice.value:
            return choice
    raise InvalidRecurrence(key, value, f"{value!r} is unknown; use {' or '.join(choices)}")


def max_runs_of(spec: Spec) -> int | None:
    """The whole number under `max_runs`."""
    value = spec.get("max_runs")
    if value is None:
        return None
    if isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= MAX_RUNS:
        return value
    message = f"{value!r} is not a whole number from 1 to {MAX_RUNS}"
    raise InvalidRecurrence("max_runs", value, message)


def items_of(spec: Spec, key: str) -> list[object]:
    """The list under `key`; a value that is not a list counts as a list of one."""
    value = spec.get(key)
    if value is None:
        return []
    items = value if isinstance(value, list) else [value]
    if len(items) > MAX_ITEMS:
        raise InvalidRecurrence(key, value, f"has {len(items)} items; at most {MAX_ITEMS}")
    return items


def instant_of(spec: Spec, key: str, zone: ZoneInfo | None) -> datetime | None:
    """The instant under `key`, None if there is none."""
    value = spec.get(key)
    return None if value is None else read_instant(value, key, zone)


def read_instant(value: object, key: str, zone: ZoneInfo | None) -> datetime:
    """An ISO 8601 date and time (or a datetime), as aware UTC.

    Without Z or an offset it is a reading of `zone`'s clock: of two passes the first, and the
    first instant after it if the clock jumps over it. `zone` is None if the spec names none.
    """
    moment = value if isinstance(value, datetime) else _parsed(value)
    if moment is None:
        message = f"{value!r} is not a date and time such as 2026-12-24T18:00:00Z"
        raise InvalidRecurrence(key, value, message)
    if moment.tzinfo is None and zone is None:
        message = f"{value!r} has no offset; add Z or +01:00, or give timezone"
        raise InvalidRecurrence(key, value, message)
    if not FIRST_INSTANT.year <= moment.year < LAST_INSTANT.year:
        message = f"{value!r} is not between {FIRST_INSTANT.year} and {LAST_INSTANT.year - 1}"
        raise InvalidRecurrence(key, value, message)
    if moment.tzinfo is None and zone is not None:
        return first_instant(zone, moment)
    return moment.astimezone(UTC)


def _parsed(value: object) -> datetime | None:
    if not isinstance(value, str) or len(value) < len("2026-12-24T18"):
        return None  # a date alone says no time
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        return None
