"""RRULE text to Rrule."""

import re
from datetime import datetime, time
from zoneinfo import ZoneInfo

from dueline.domain.recurrence.cron import LAST_YEAR
from dueline.domain.recurrence.invalid import InvalidRecurrence
from dueline.domain.recurrence.rrule import PERIODS_IN_DAYS, PERIODS_IN_MONTHS, Rrule

MAX_LENGTH = 200
MAX_COUNT = 1_000
MAX_INTERVAL = 1_000

_FREQUENCIES = [*PERIODS_IN_DAYS, *PERIODS_IN_MONTHS]
_WEEKDAY = "(MO|TU|WE|TH|FR|SA|SU)"
_FORMS = {  # what the parts look like; their numbers are checked against _GREATEST
    **dict.fromkeys(("FREQ", "UNTIL"), "[0-9A-Z]+"),
    **dict.fromkeys(("INTERVAL", "COUNT"), "[1-9][0-9]{0,8}"),
    **dict.fromkeys(("BYSECOND", "BYMINUTE", "BYHOUR"), "[0-9]{1,2}"),
    "BYMONTH": "[1-9][0-9]?",
    **dict.fromkeys(("BYMONTHDAY", "BYYEARDAY", "BYWEEKNO", "BYSETPOS"), "[+-]?[1-9][0-9]{0,2}"),
    "BYDAY": f"([+-]?[1-9][0-9]?)?{_WEEKDAY}",
    "WKST": _WEEKDAY,
}
_GREATEST = {
    "INTERVAL": MAX_INTERVAL,
    "COUNT": MAX_COUNT,
    "BYSECOND": 59,
    "BYMINUTE": 59,
    "BYHOUR": 23,
    "BYDAY": 53,
    "BYMONTHDAY": 31,
    "BYYEARDAY": 366,
    "BYWEEKNO": 53,
    "BYMONTH": 12,
    "BYSETPOS": 366,
}


def parse_rrule(text: str, start: datetime, zone: ZoneInfo) -> Rrule:
    """Read one RRULE, with or without the "RRULE:" in front; `start` is its DTSTART (aware).

    Raises InvalidRecurrence for `rrule`, also if python-dateutil is not installed.
    """
    parts = _take_apart(text)
    core = {name: value for name, value in parts.items() if name not in {"COUNT", "UNTIL"}}
    frequency = parts.get("FREQ", "missing")
    if frequency not in _FREQUENCIES:
        message = (
            f"FREQ is {frequency}; use one of {', '.join(_FREQUENCIES)}"
            " (for less than a day: cron or every)"
        )
        raise InvalidRecurrence("rrule", text, message)
    rule = Rrule(
        text=text,
        core=";".join(f"{name}={value}" for name, value in core.items()),
        frequency=frequency,
        interval=int(parts.get("INTERVAL", "1")),
        count=int(parts["COUNT"]) if "COUNT" in parts else None,
        until=_until(text, parts, zone),
        start=start.astimezone(zone).replace(tzinfo=None, fold=0, microsecond=0),
    )
    try:
        first = rule.at_or_after(rule.start)
    except ImportError:
        message = "needs python-dateutil; install dueline[rrule]"
        raise InvalidRecurrence("rrule", text, message) from None
    except (ValueError, TypeError) as error:
        raise InvalidRecurrence("rrule", text, f"{text!r} is not in order: {error}") from None
    if first is None:
        message = f"{text!r} never comes from {rule.start:%Y-%m-%d %H:%M:%S} on"
        raise InvalidRecurrence("rrule", text, message)
    return rule


def _take_apart(text: str) -> dict[str, str]:
    if len(text) > MAX_LENGTH:
        message = f"{len(text)} characters are too many for a rule; at most {MAX_LENGTH}"
        raise InvalidRecurrence("rrule", text, message)
    parts: dict[str, str] = {}
    for pair in text.strip().upper().removeprefix("RRULE:").rstrip(";").split(";"):
        name, _, value = pair.partition("=")
        if name not in _FORMS:
            message = f"{pair!r} is unknown; write parts such as FREQ=WEEKLY;BYDAY=MO,FR"
            raise InvalidRecurrence("rrule", text, message)
        if name in parts:
            raise InvalidRecurrence("rrule", text, f"{name} is given twice; give it once")
        if not _is_in_order(name, value):
            greatest = f" (numbers up to {_GREATEST[name]})" if name in _GREATEST else ""
            message = f"{name} cannot be {value!r}{greatest}"
            raise InvalidRecurrence("rrule", text, message)
        parts[name] = value
    if {"COUNT", "UNTIL"} <= parts.keys():
        raise InvalidRecurrence("rrule", text, "COUNT and UNTIL exclude each other; give one")
    return parts


def _is_in_order(name: str, value: str) -> bool:
    items = value.split(",") if name.startswith("BY") else [value]
    numbers = [int(number) for number in re.findall("[0-9]+", value)]
    return all(re.fullmatch(_FORMS[name], item) for item in items) and not any(
        number > _GREATEST.get(name, number) for number in numbers
    )


def _until(text: str, parts: dict[str, str], zone: ZoneInfo) -> datetime | None:
    """The last reading allowed. UNTIL as a date takes in the whole day; with Z it is in UTC."""
    value = parts.get("UNTIL")
    if value is None:
        return None
    until = _date_or_time(value)
    if until is None:
        message = f"UNTIL={value} is not a date such as 20261231 or 20261231T235959Z"
        raise InvalidRecurrence("rrule", text, message)
    return until if until.tzinfo is None else until.astimezone(zone).replace(tzinfo=None, fold=0)


def _date_or_time(value: str) -> datetime | None:
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    if moment.year > LAST_YEAR:
        return None
    return moment if "T" in value else datetime.combine(moment.date(), time(23, 59, 59))
