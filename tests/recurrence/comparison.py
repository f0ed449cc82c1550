"""One expression, one stretch of time: the package against the oracle."""

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from random import Random

from dueline.domain.recurrence import InvalidRecurrence, next_after, parse_rule
from dueline.domain.recurrence.zones import load_zone
from tests.recurrence.generated import POLICIES
from tests.recurrence.oracle import Clock, Expression, transitions

MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)
# So many runs are compared one by one; of more, only those after some random instants.
MOST_IN_A_ROW = 400
RANDOM_INSTANTS = 8


@dataclass
class Tally:
    """What was compared, and where the two differ."""

    expressions: int = 0
    refused: int = 0
    comparisons: int = 0
    disagreements: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Window:
    """A stretch of time, (start, end], and a zone's clock for it."""

    zone: str
    start: datetime
    end: datetime
    clock: Clock


def window(
    zone: str,
    start: datetime,
    end: datetime,
    step: timedelta = MINUTE,
    margin: timedelta = timedelta(hours=3),
) -> Window:
    """A window; `margin` is longer than any fold of the zone, so that none is cut in two."""
    clock = Clock(load_zone(zone), start - margin, end + margin, step)
    return Window(zone, start, end, clock)


def windows_around_transitions(
    zone: str, year: int, around: timedelta, step: timedelta = MINUTE
) -> Iterable[Window]:
    """A window around each transition; around the end of February if there is none."""
    moments = list(transitions(load_zone(zone), year)) or [datetime(year, 3, 1, tzinfo=UTC)]
    return (window(zone, moment - around, moment + around, step) for moment in moments)


def compare(text: str, stretch: Window, random: Random, tally: Tally) -> None:
    """Ask both for the runs of an expression in a stretch, under each policy."""
    expression = Expression(text)
    runs = stretch.clock.runs(expression)
    for gap, overlap in POLICIES:
        rule = parse_rule(
            {"cron": text, "timezone": stretch.zone, "dst_gap": gap, "dst_overlap": overlap}
        )
        expected = [run for run in runs.under(gap, overlap) if stretch.start < run <= stretch.end]
        for after, run in _questions(expected, stretch, random):
            tally.comparisons += 1
            answer = next_after(rule, after)
            if answer is not None and answer > stretch.end:
                answer = None
            if answer != run:
                tally.disagreements.append(
                    f"{text!r} {stretch.zone} gap={gap} overlap={overlap} after={after}:"
                    f" package {answer}, oracle {run}"
                )


def _questions(
    expected: list[datetime], stretch: Window, random: Random
) -> Iterable[tuple[datetime, datetime | None]]:
    """Instants to ask after, with the first run that is later (None: outside the stretch)."""
    if len(expected) <= MOST_IN_A_ROW:
        yield from zip([stretch.start, *expected], [*expected, None], strict=True)
    for _ in range(RANDOM_INSTANTS):
        after = stretch.start + random.random() * (stretch.end - stretch.start)
        index = bisect_right(expected, after)
        yield after, expected[index] if index < len(expected) else None


def is_accepted(text: str, tally: Tally) -> bool:
    """Whether the package accepts an expression; it may refuse only what the oracle never sees."""
    tally.expressions += 1
    try:
        parse_rule({"cron": text})
    except InvalidRecurrence as error:
        tally.refused += 1
        expression = Expression(text)
        day = date(2000, 1, 1)
        while day.year < 2028:
            if expression.matches_day(day):
                tally.disagreements.append(f"{text!r} refused ({error}), oracle has {day}")
                break
            day += timedelta(days=1)
        return False
    return True
