"""What holds for every rule: the promises that a scheduler without memory relies on."""

from datetime import UTC, datetime, timedelta
from random import Random

from hypothesis import given, settings
from hypothesis import strategies as st

from dueline.domain.recurrence import (
    InvalidRecurrence,
    RecurrenceRule,
    between,
    due_at,
    next_after,
    parse_rule,
)
from tests.recurrence.generated import GAPS, OVERLAPS, ZONES, cron_expression

EXAMPLES = settings(max_examples=30, deadline=None, derandomize=True)
STEPS = 6
YEARS = st.datetimes(datetime(2008, 1, 1), datetime(2028, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@st.composite
def rules(draw: st.DrawFn) -> RecurrenceRule:
    """A rule of any kind, in any of the odd zones, with an exclusion and jitter as like as not."""
    random = Random(draw(st.integers(0, 2**32)))
    anchor = draw(YEARS)
    patterns: list[dict[str, object]] = [
        {"cron": cron_expression(random)},
        {"cron": cron_expression(random, seconds=True)},
        {"every": random.choice((1, 7, 3600, 86_400, 100_000))},
        {"rrule": random.choice(("FREQ=DAILY;BYHOUR=1,2", "FREQ=WEEKLY;BYDAY=SU,MO"))},
        {"instants": [(anchor + timedelta(hours=n * n)).isoformat() for n in range(9)]},
    ]
    pattern = draw(st.sampled_from(patterns))
    spec: dict[str, object] = {
        "timezone": random.choice(ZONES)[0],
        "dst_gap": random.choice(GAPS),
        "dst_overlap": random.choice(OVERLAPS),
        "exclude": random.choice((None, None, "* * 13 * *", "2018-02-18")),
        "jitter": random.choice((None, 300)),
        "jitter_mode": random.choice(("hash", "random")),
    }
    try:
        return parse_rule({**pattern, **spec}, anchor=anchor, seed="schedule-1")
    except InvalidRecurrence:  # the generated cron may ask for 30 February
        return parse_rule({"cron": "30 2 * * *", **spec}, seed="schedule-1")


def walk(rule: RecurrenceRule, after: datetime) -> list[datetime]:
    found: list[datetime] = []
    instant = next_after(rule, after)
    while instant is not None and len(found) < STEPS:
        found.append(instant)
        instant = next_after(rule, instant)
    return found


@EXAMPLES
@given(rules(), YEARS)
def test_the_chain_of_occurrences_only_ever_goes_forward(
    rule: RecurrenceRule, after: datetime
) -> None:
    found = walk(rule, after)

    assert all(earlier < later for earlier, later in zip([after, *found], found, strict=False))
    assert all(occurrence.utcoffset() == timedelta(0) for occurrence in found)


@EXAMPLES
@given(rules(), YEARS, st.floats(0, 1, exclude_max=True))
def test_the_answer_is_the_same_from_anywhere_before_it(
    rule: RecurrenceRule, after: datetime, fraction: float
) -> None:
    """Nothing lies between a question and its answer: a chain without memory loses nothing."""
    occurrence = next_after(rule, after)
    if occurrence is None:
        return
    between_them = after + fraction * (occurrence - after)

    assert next_after(rule, min(between_them, occurrence - timedelta.resolution)) == occurrence


@EXAMPLES
@given(rules(), YEARS)
def test_between_is_the_chain_cut_off(rule: RecurrenceRule, after: datetime) -> None:
    found = walk(rule, after)
    if not found:
        return

    assert between(rule, after, found[-1], limit=100) == found
    assert between(rule, after, found[-1] - timedelta.resolution, limit=100) == found[:-1]
    assert between(rule, after, found[-1], limit=2) == found[:2]


@EXAMPLES
@given(rules(), YEARS)
def test_an_occurrence_is_never_due_before_its_nominal_instant(
    rule: RecurrenceRule, after: datetime
) -> None:
    for occurrence in walk(rule, after):
        assert timedelta(0) <= due_at(rule, occurrence) - occurrence <= rule.jitter
        assert due_at(rule, occurrence) == due_at(rule, occurrence)
