"""A second opinion on cron: plain, slow, and written from docs/recurrence.md alone.

It shares no code with the package and none with cronsim. It reads the wall clock step by step,
as somebody would who sits before it with the expression in hand.
"""

from calendar import monthrange
from collections import defaultdict
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

MONTHS = ["JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"]
WEEKDAYS = ["SUN", "MON", "TUE", "WED", "THU", "FRI", "SAT"]


class Expression:
    """An expression of five or six fields, matched item by item."""

    def __init__(self, text: str) -> None:
        fields = text.upper().split()
        self.has_seconds = len(fields) == 6
        second, minute, hour, self.day, self.month, self.weekday = (
            fields if self.has_seconds else ["0", *fields]
        )
        self.seconds = {n for n in range(60) if in_list(second, n, 0, 59)}
        self.minutes = {n for n in range(60) if in_list(minute, n, 0, 59)}
        self.hours = {n for n in range(24) if in_list(hour, n, 0, 23)}
        self.is_interval_rule = "*" in {second[0], minute[0], hour[0]}
        self._days: dict[date, bool] = {}

    def matches(self, wall: datetime) -> bool:
        return (
            wall.minute in self.minutes
            and wall.hour in self.hours
            and wall.second in self.seconds
            and self.matches_day(wall.date())
        )

    def matches_day(self, day: date) -> bool:
        if day not in self._days:
            self._days[day] = self._matches_day(day)
        return self._days[day]

    def _matches_day(self, day: date) -> bool:
        if not in_list(self.month, day.month, 1, 12, MONTHS):
            return False
        by_number = any(day_item_matches(item, day) for item in self.day.split(","))
        by_weekday = any(weekday_item_matches(item, day) for item in self.weekday.split(","))
        if self.day[0] in "*?" or self.weekday[0] in "*?":
            return by_number and by_weekday
        return by_number or by_weekday


def in_list(field: str, value: int, low: int, high: int, names: list[str] | None = None) -> bool:
    return any(item_matches(item, value, low, high, names) for item in field.split(","))


def item_matches(item: str, value: int, low: int, high: int, names: list[str] | None) -> bool:
    span, _, step = item.partition("/")
    if span == "*":
        first, last = low, high
    elif "-" in span:
        first, last = (number(end, low, names) for end in span.split("-"))
    else:
        first = number(span, low, names)
        last = high if step else first
    return first <= value <= last and (value - first) % int(step or 1) == 0


def number(text: str, low: int, names: list[str] | None) -> int:
    return names.index(text) + low if names and text in names else int(text)


def day_item_matches(item: str, day: date) -> bool:
    length = monthrange(day.year, day.month)[1]
    if item == "?":
        return True
    if item == "L":
        return day.day == length
    if item == "LW":
        return day == nearest_weekday(day.replace(day=length))
    if item.endswith("W"):
        wanted = int(item[:-1])
        return wanted <= length and day == nearest_weekday(day.replace(day=wanted))
    return item_matches(item, day.day, 1, 31, None)


def nearest_weekday(day: date) -> date:
    """Look one day back, one on, two back, two on; the month must stay the same."""
    for distance in (0, -1, 1, -2, 2):
        candidate = day + timedelta(days=distance)
        if candidate.month == day.month and candidate.isoweekday() <= 5:
            return candidate
    raise AssertionError(f"no weekday near {day}")


def weekday_item_matches(item: str, day: date) -> bool:
    if item == "?":
        return True
    if item.endswith("L"):
        is_last = (day + timedelta(days=7)).month != day.month
        return is_last and weekday_item_matches(item[:-1], day)
    if "#" in item:
        name, nth = item.split("#")
        return (day.day - 1) // 7 + 1 == int(nth) and weekday_item_matches(name, day)
    sunday_first = day.isoweekday() % 7
    as_seven = 7 if sunday_first == 0 else sunday_first
    return item_matches(item, sunday_first, 0, 7, WEEKDAYS) or item_matches(
        item, as_seven, 0, 7, WEEKDAYS
    )


class Clock:
    """What a zone's wall clock reads at each step of [start, end], and what it never reads."""

    def __init__(self, zone: ZoneInfo, start: datetime, end: datetime, step: timedelta) -> None:
        self.readings: list[tuple[datetime, datetime]] = []
        self.passes: dict[datetime, list[datetime]] = defaultdict(list)
        self.skipped: dict[datetime, datetime] = {}  # reading -> first instant after the gap
        instant, previous = start, None
        while instant <= end:
            wall = instant.astimezone(zone).replace(tzinfo=None, fold=0)
            self.readings.append((instant, wall))
            self.passes[wall].append(instant)
            missing = wall if previous is None else previous + step
            while missing < wall:
                self.skipped[missing] = instant
                missing += step
            instant, previous = instant + step, wall

    def runs(self, expression: Expression) -> "Runs":
        """What an expression matches, before any policy is applied."""
        matches = expression.matches
        return Runs(
            interval_rule=expression.is_interval_rule,
            passes=[instants for wall, instants in self.passes.items() if matches(wall)],
            after_gaps=[instant for wall, instant in self.skipped.items() if matches(wall)],
        )


class Runs:
    """The instants at which an expression matches, to be filtered by a policy."""

    def __init__(
        self, *, interval_rule: bool, passes: list[list[datetime]], after_gaps: list[datetime]
    ) -> None:
        self.interval_rule = interval_rule
        self.passes = passes
        self.after_gaps = after_gaps

    def under(self, gap: str, overlap: str) -> list[datetime]:
        """The instants at which it runs, sorted."""
        if self.interval_rule:
            return sorted(instant for instants in self.passes for instant in instants)
        chosen = {"first": slice(0, 1), "second": slice(-1, None), "both": slice(None)}[overlap]
        runs = {instant for instants in self.passes for instant in instants[chosen]}
        if gap == "shift":
            runs.update(self.after_gaps)
        return sorted(runs)


def transitions(zone: ZoneInfo, year: int) -> Iterable[datetime]:
    """The first instant after each change of a zone's offset in a year, found minute by minute."""
    hour, minute = timedelta(hours=1), timedelta(minutes=1)
    instant = datetime(year, 1, 1, tzinfo=UTC)
    while instant.year == year:
        offset = instant.astimezone(zone).utcoffset()
        if (instant + hour).astimezone(zone).utcoffset() != offset:
            change = instant
            while change.astimezone(zone).utcoffset() == offset:
                change += minute
            yield change
        instant += hour
