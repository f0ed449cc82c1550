"""Recurrence rules of iCalendar (RFC 5545 §3.3.10), expanded by python-dateutil.

python-dateutil is the optional extra `rrule`; it is imported when the first such rule is met.
Rules are expanded over readings of the wall clock: dst.py turns those into instants.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from typing import TYPE_CHECKING, ClassVar

from dueline.domain.recurrence.cron import LAST_YEAR

if TYPE_CHECKING:
    from dateutil.rrule import rrule as dateutil_rule

PERIODS_IN_DAYS = {"DAILY": 1, "WEEKLY": 7}
PERIODS_IN_MONTHS = {"MONTHLY": 1, "YEARLY": 12}

# 29 February on one weekday, across 2100, waits 40 years. A rule that has to wait longer counts as
# ended.
_LONGEST_WAIT_IN_YEARS = 41
# The calendar repeats after 400 years, weekdays included.
_CALENDAR_CYCLE_IN_YEARS = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Rrule:
    """A rule taken apart. `start` is its DTSTART, a reading of the wall clock in whole seconds.

    As in dateutil, and unlike RFC 5545, `start` itself is an occurrence only if the rule fits it.
    """

    text: str
    core: str  # the rule without COUNT and UNTIL, which are applied here
    frequency: str
    interval: int
    count: int | None
    until: datetime | None  # the last reading allowed
    start: datetime

    follows_clock: ClassVar[bool] = False  # days at fixed times: no rhythm within the day

    def parts(self) -> dict[str, str]:
        """The parts of the core, by name."""
        return dict(part.split("=", 1) for part in self.core.split(";"))

    def at_or_after(self, wall: datetime) -> datetime | None:
        """The first matching reading that is not before `wall`, None if there is none.

        dateutil looks for a next time until the year 9999, which for a rule that has none may
        take half a minute. So it is sent to the last cycle of the calendar, where that is soon.
        """
        latest = max(wall, self.start).year + _LONGEST_WAIT_IN_YEARS
        cycles = max(0, LAST_YEAR - latest) // _CALENDAR_CYCLE_IN_YEARS
        years = cycles * _CALENDAR_CYCLE_IN_YEARS
        last = datetime(min(latest, LAST_YEAR), 12, 31)  # noqa: DTZ001  a reading has no zone
        until = min(self.until or last, last)
        found = self._found(_later(wall, years), _later(until, years), years)
        return None if found is None else _later(found, -years)

    def _found(self, wall: datetime, until: datetime, years: int) -> datetime | None:
        if self.count is None:
            start = _later(self._start_near(_later(wall, -years)), years)
            return self._expanded(start, until).after(wall, inc=True)
        counted = islice(self._expanded(_later(self.start, years), until), self.count)
        return next((reading for reading in counted if reading >= wall), None)

    def _expanded(self, start: datetime, until: datetime) -> "dateutil_rule":
        from dateutil.rrule import rrule, rrulestr  # optional extra

        rule = rrulestr(self.core, dtstart=start)
        if not isinstance(rule, rrule):
            raise TypeError(f"{self.core!r} is a set of rules")  # the parser lets none through
        return rule.replace(until=until)

    def _start_near(self, wall: datetime) -> datetime:
        """`start` moved on by whole periods, to one or two of them before `wall`.

        dateutil counts up from its start: without this an old rule would cost more every day.
        """
        if wall <= self.start:
            return self.start
        if self.frequency in PERIODS_IN_DAYS:
            period = timedelta(days=self.interval * PERIODS_IN_DAYS[self.frequency])
            return self.start + max(0, (wall - self.start) // period - 1) * period
        if self.start.day > 28:
            return self.start  # not every month has that day
        period_in_months = self.interval * PERIODS_IN_MONTHS[self.frequency]
        passed = 12 * (wall.year - self.start.year) + wall.month - self.start.month
        steps = max(0, passed // period_in_months - 1)
        years, month = divmod(self.start.month - 1 + steps * period_in_months, 12)
        return self.start.replace(year=self.start.year + years, month=month + 1)


def _later(reading: datetime, years: int) -> datetime:
    return reading.replace(year=reading.year + years)
