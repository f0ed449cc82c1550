"""The fields of a cron expression: text to sets of numbers (bit masks, see cron.py).

Whatever is wrong is raised as a ValueError with a sentence on the item at fault.
"""

import re
from dataclasses import dataclass

from dueline.domain.recurrence.cron import LAST

_ITEM = re.compile(r"(?:\*|(?P<first>[A-Z0-9]+)(?:-(?P<last>[A-Z0-9]+))?)(?:/(?P<step>[0-9]+))?")
_NEAREST = re.compile("([1-9]|[12][0-9]|3[01])W")
_NTH = re.compile("([A-Z0-9]+)(?:#([1-5])|L)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """What one field may hold: numbers from `low` to `high`, or names that stand for them."""

    name: str
    low: int
    high: int
    names: tuple[str, ...] = ()
    special: str = ""

    @property
    def allowed(self) -> str:
        """What may be written, in words."""
        names = f" or {self.names[0]}-{self.names[-1]}" if self.names else ""
        return f"{self.low}-{self.high}{names}, *, lists, ranges, steps{self.special}"


SECOND = Field(name="second", low=0, high=59)
MINUTE = Field(name="minute", low=0, high=59)
HOUR = Field(name="hour", low=0, high=23)
DAY = Field(name="day-of-month", low=1, high=31, special=", ?, L, LW, 15W")
MONTH = Field(
    name="month",
    low=1,
    high=12,
    names=("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"),
)
WEEKDAY = Field(
    name="day-of-week",
    low=0,
    high=7,  # 0 and 7 are Sunday
    names=("SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"),
    special=", ?, 5L, MON#2",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Days:
    """A day-of-month field."""

    numbers: int = 0
    last_day: bool = False
    last_weekday: bool = False
    nearest_weekdays: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Weekdays:
    """A day-of-week field; Monday is 0."""

    numbers: int = 0
    nth: frozenset[tuple[int, int]] = frozenset()


def read_numbers(text: str, field: Field) -> int:
    """A list of numbers, names, ranges and steps."""
    numbers = 0
    for item in text.split(","):
        numbers |= _read_item(item, field)
    return numbers


def read_days(text: str) -> Days:
    """A day-of-month field: a list as above, and L, LW, nW."""
    items = text.split(",")
    nearest = [item for item in items if _NEAREST.fullmatch(item)]
    plain = [item for item in items if item not in {"L", "LW", *nearest}]
    return Days(
        numbers=read_numbers(",".join(plain), DAY) if plain else 0,
        last_day="L" in items,
        last_weekday="LW" in items,
        nearest_weekdays=sum(1 << number for number in {int(item[:-1]) for item in nearest}),
    )


def read_weekdays(text: str) -> Weekdays:
    """A day-of-week field: a list as above, and such as 5L (the last Friday) and MON#2."""
    numbers = 0
    nth = set()
    for item in text.split(","):
        special = _NTH.fullmatch(item)
        if special is None:
            sunday_first = _read_item(item, WEEKDAY)
            numbers |= sunday_first >> 1 | (sunday_first & 1) << 6
        else:
            weekday = (_number(special[1], item, WEEKDAY) + 6) % 7
            nth.add((weekday, int(special[2]) if special[2] else LAST))
    return Weekdays(numbers=numbers, nth=frozenset(nth))


def _read_item(item: str, field: Field) -> int:
    match = _ITEM.fullmatch(item)
    if match is None:
        raise ValueError(f"{item!r} cannot be read")
    step = int(match["step"] or 1)
    if not 1 <= step <= field.high:
        raise ValueError(f"the step of {item!r} is not in 1-{field.high}")
    if match["first"] is None:
        first, last = field.low, field.high
    else:
        first = _number(match["first"], item, field)
        open_end = field.high if match["step"] else first  # 5/15 is 5, 20, 35, 50
        last = _number(match["last"], item, field) if match["last"] else open_end
    if last < first:
        raise ValueError(f"{item!r} runs backwards; write it as two ranges")
    return sum(1 << number for number in range(first, last + 1, step))


def _number(text: str, item: str, field: Field) -> int:
    if text in field.names:
        return field.names.index(text) + field.low
    if not text.isdigit():
        raise ValueError(f"{item!r} cannot be read")
    if not field.low <= int(text) <= field.high:
        raise ValueError(f"{text!r} is not in {field.low}-{field.high}")
    return int(text)
