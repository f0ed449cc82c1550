"""Cron text to Cron, and to English.

The fields are read here and not by cronsim, which lacks `?`, `15W` and precise errors, and takes
some items for others (1-1/2 for 1/2, */90 for 0, L/2 for L). cronsim is what puts them in words.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache, partial
from typing import TypeVar

from dueline.domain.recurrence.cron import Cron
from dueline.domain.recurrence.cron_fields import (
    DAY,
    HOUR,
    MINUTE,
    MONTH,
    SECOND,
    WEEKDAY,
    Field,
    read_days,
    read_numbers,
    read_weekdays,
)
from dueline.domain.recurrence.invalid import InvalidRecurrence

MAX_LENGTH = 200

_MACROS = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}
_FIELDS = (SECOND, MINUTE, HOUR, DAY, MONTH, WEEKDAY)
# Which days a month has depends on the year's length and on the weekday of 1 January; 28 years
# without a skipped leap year hold every combination of these.
_ALL_KINDS_OF_YEAR = range(2000, 2028)
_ANY_TIME = datetime(2000, 1, 1)  # noqa: DTZ001  cronsim wants a starting point; unused here
_ENDINGS = {"1": "st", "2": "nd", "3": "rd"}  # cronsim writes 31th

_Value = TypeVar("_Value")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Expression:
    """An expression taken apart: its fields as written, and as six in upper case, ? as *."""

    key: str  # of the rule, for messages
    text: str
    written: tuple[str, ...]
    fields: dict[Field, str]

    def read(self, field: Field, reader: Callable[[str], _Value]) -> _Value:
        """The value of one field, or an error that names it."""
        try:
            return reader(self.fields[field])
        except ValueError as error:
            message = f"{self.place(field)}: {error}; allowed: {field.allowed}"
            raise InvalidRecurrence(self.key, self.text, message) from None

    def place(self, field: Field) -> str:
        """Such as "minute (field 1 of 5)"."""
        count = len(self.written)
        position = _FIELDS.index(field) + 1 - (len(_FIELDS) - count)
        return f"{field.name} (field {position} of {count})"


@lru_cache(maxsize=4096)
def parse_cron(text: str, key: str = "cron") -> Cron:
    """Read an expression of 5 fields, of 6 (second first), or a macro such as @daily.

    Raises InvalidRecurrence for `key`; the message names the field of the expression.
    """
    expression = _take_apart(text, key)
    fields = expression.fields
    seconds, minutes, hours, months = (
        expression.read(field, partial(read_numbers, field=field))
        for field in (SECOND, MINUTE, HOUR, MONTH)
    )
    days = expression.read(DAY, read_days)
    weekdays = expression.read(WEEKDAY, read_weekdays)
    cron = Cron(
        text=text,
        seconds=seconds,
        minutes=minutes,
        hours=hours,
        days=days.numbers,
        last_day=days.last_day,
        last_weekday=days.last_weekday,
        nearest_weekdays=days.nearest_weekdays,
        months=months,
        weekdays=weekdays.numbers,
        nth_weekdays=weekdays.nth,
        both_days=fields[DAY].startswith("*") or fields[WEEKDAY].startswith("*"),
        follows_clock=any(fields[field].startswith("*") for field in (SECOND, MINUTE, HOUR)),
    )
    _refuse_days_that_never_come(cron, expression)
    return cron


def explain(cron: Cron) -> str:
    """The expression in plain English: "At 09:00 on Monday through Friday"."""
    from cronsim import CronSim  # here only: accepting and expanding schedules do without

    fields = dict(_take_apart(cron.text, "cron").fields)
    nearest = [number for number in range(1, 32) if cron.nearest_weekdays >> number & 1]
    if nearest:  # in cronsim's language LW keeps their place
        others = [item for item in fields[DAY].split(",") if not item.endswith("W")]
        fields[DAY] = ",".join([*others, "LW"])
    for number, name in enumerate(WEEKDAY.names):
        fields[WEEKDAY] = fields[WEEKDAY].replace(f"{name}L", f"{number}L")
    words = str(CronSim(" ".join(fields.values()), _ANY_TIME).explain())
    words = re.sub("([2-5])([123])th", lambda n: n[1] + n[2] + _ENDINGS[n[2]], words)
    if not nearest:
        return words
    days = ["the last weekday"] if cron.last_weekday else []
    days += [f"the weekday nearest to day {day}" for day in nearest]
    return words.replace("the last weekday", " and ".join(days), 1)


def _take_apart(text: str, key: str) -> _Expression:
    if len(text) > MAX_LENGTH:
        message = f"{len(text)} characters are too many for an expression; at most {MAX_LENGTH}"
        raise InvalidRecurrence(key, text, message)
    written = _spell_out(text, key).split()
    if len(written) not in {5, 6}:
        message = (
            f"{text!r} has {len(written)} fields; write 5 (minute hour day-of-month month"
            " day-of-week) or 6 (second first)"
        )
        raise InvalidRecurrence(key, text, message)
    six = written if len(written) == 6 else ["0", *written]
    fields = {field: part.upper() for field, part in zip(_FIELDS, six, strict=True)}
    for field in (DAY, WEEKDAY):
        fields[field] = "*" if fields[field] == "?" else fields[field]
    return _Expression(key=key, text=text, written=tuple(written), fields=fields)


def _spell_out(text: str, key: str) -> str:
    macro = text.strip().lower()
    if not macro.startswith("@"):
        return text
    if macro not in _MACROS:
        raise InvalidRecurrence(key, text, f"{text!r} is unknown; use one of {', '.join(_MACROS)}")
    return _MACROS[macro]


def _refuse_days_that_never_come(cron: Cron, expression: _Expression) -> None:
    months = [month for month in range(1, 13) if cron.months >> month & 1]
    if any(cron.days_in(year, month) for year in _ALL_KINDS_OF_YEAR for month in months):
        return
    day, month, weekday = expression.written[-3:]
    with_weekday = "" if weekday in {"*", "?"} else f" with day-of-week {weekday!r}"
    message = (
        f"{expression.place(DAY)}: {day!r}{with_weekday} never comes in month {month!r};"
        " change the day or the month"
    )
    raise InvalidRecurrence(expression.key, expression.text, message)
