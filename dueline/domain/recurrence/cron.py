"""A cron expression as sets of numbers, and the walk over the wall clock that it describes."""

from calendar import monthrange
from dataclasses import dataclass
from datetime import datetime

LAST = -1  # in place of n: the last weekday of its kind in the month
LAST_YEAR = 9998  # a year short of what datetime can hold, so that no offset overflows it

EVERY_SECOND = EVERY_MINUTE = (1 << 60) - 1
EVERY_HOUR = (1 << 24) - 1

_ALL_WEEKDAYS = 0b1111111
_EVERY_SEVENTH = 1 | 1 << 7 | 1 << 14 | 1 << 21 | 1 << 28


@dataclass(frozen=True, slots=True, kw_only=True)
class Cron:
    """Which readings of a wall clock an expression matches.

    Sets of numbers are bit masks (bit n stands for n): the next member is one shift away.
    `follows_clock`: the seconds, minute or hour field begins with `*`, so that the expression
    means a rhythm (an interval rule) and not fixed times of day.
    """

    text: str
    seconds: int
    minutes: int
    hours: int
    days: int  # 1-31
    last_day: bool  # L
    last_weekday: bool  # LW
    nearest_weekdays: int  # nW, as the set of n
    months: int  # 1-12
    weekdays: int  # Monday is 0
    nth_weekdays: frozenset[tuple[int, int]]  # MON#2 and 5L, as (weekday, n or LAST)
    both_days: bool  # day-of-month and day-of-week must both match; else either will do
    follows_clock: bool

    def matches(self, wall: datetime) -> bool:
        """Whether the expression matches this reading."""
        return bool(
            self.seconds >> wall.second & 1
            and self.minutes >> wall.minute & 1
            and self.hours >> wall.hour & 1
            and self.months >> wall.month & 1
            and self.days_in(wall.year, wall.month) >> wall.day & 1
        )

    def at_or_after(self, wall: datetime) -> datetime | None:
        """The first matching reading that is not before `wall`, None if there is none till 9998.

        `wall` is naive and in whole seconds, and so is the answer. Time zones play no part.
        """
        year, month, day = wall.year, wall.month, wall.day
        time = self._time_from(wall.hour, wall.minute, wall.second)
        if time is None or not self._runs_on(year, month, day):
            time = (_lowest(self.hours), _lowest(self.minutes), _lowest(self.seconds))
            day += 1
        while year <= LAST_YEAR:
            if self.months >> month & 1 and (days := self.days_in(year, month) >> day):
                day += _lowest(days)
                return datetime(year, month, day, *time)  # noqa: DTZ001  a reading has no zone
            year, month, day = (year + 1, 1, 1) if month == 12 else (year, month + 1, 1)
        return None

    def days_in(self, year: int, month: int) -> int:
        """The matching days of a month, as a mask; whether the month matches is not asked."""
        first_weekday, length = monthrange(year, month)
        whole_month = (2 << length) - 2
        by_number = self._days_by_number(first_weekday, length) & whole_month
        by_weekday = self._days_by_weekday(first_weekday, length) & whole_month
        return by_number & by_weekday if self.both_days else by_number | by_weekday

    def _runs_on(self, year: int, month: int, day: int) -> bool:
        return bool(self.months >> month & 1 and self.days_in(year, month) >> day & 1)

    def _time_from(self, hour: int, minute: int, second: int) -> tuple[int, int, int] | None:
        """The first matching time of day that is not before this one."""
        if self.hours >> hour & 1:
            if self.minutes >> minute & 1 and (seconds := self.seconds >> second):
                return hour, minute, second + _lowest(seconds)
            if minutes := self.minutes >> minute + 1:
                return hour, minute + 1 + _lowest(minutes), _lowest(self.seconds)
        if hours := self.hours >> hour + 1:
            return hour + 1 + _lowest(hours), _lowest(self.minutes), _lowest(self.seconds)
        return None

    def _days_by_number(self, first_weekday: int, length: int) -> int:
        days = self.days
        if self.last_day:
            days |= 1 << length
        if self.last_weekday:
            days |= 1 << _nearest_weekday(length, first_weekday, length)
        if self.nearest_weekdays:
            for number in range(1, length + 1):
                if self.nearest_weekdays >> number & 1:
                    days |= 1 << _nearest_weekday(number, first_weekday, length)
        return days

    def _days_by_weekday(self, first_weekday: int, length: int) -> int:
        if self.weekdays == _ALL_WEEKDAYS:
            return -1
        days = 0
        for weekday in range(7):
            if self.weekdays >> weekday & 1:
                days |= _EVERY_SEVENTH << 1 + (weekday - first_weekday) % 7
        for weekday, nth in self.nth_weekdays:
            first = 1 + (weekday - first_weekday) % 7
            last = first + 28 if first + 28 <= length else first + 21
            days |= 1 << (last if nth == LAST else first + 7 * (nth - 1))
        return days


def _lowest(mask: int) -> int:
    """The lowest member of a set that is not empty."""
    return (mask & -mask).bit_length() - 1


def _nearest_weekday(day: int, first_weekday: int, length: int) -> int:
    """The Monday to Friday nearest to a day, without leaving its month."""
    weekday = (first_weekday + day - 1) % 7
    if weekday == 5:
        return day - 1 if day > 1 else day + 2
    if weekday == 6:
        return day + 1 if day < length else day - 2
    return day
