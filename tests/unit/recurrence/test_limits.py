"""The window, the number of runs, exclusions and jitter."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from dueline.domain.recurrence import between, due_at, next_after
from tests.recurrence.oracle import Expression
from tests.unit.recurrence.rules import NEW_YEAR, rule, runs

HOUR = timedelta(hours=1)


def test_both_ends_of_the_window_belong_to_it() -> None:
    hourly = rule("@hourly", starts_at="2026-05-01T10:00Z", ends_at="2026-05-01T12:00Z")

    assert [run[11:13] for run in runs(hourly, "2026-01-01T00:00Z", 9)] == ["10", "11", "12"]


def test_max_runs_is_compared_with_the_number_of_runs_made() -> None:
    three = rule("@hourly", max_runs=3)

    assert next_after(three, NEW_YEAR, runs_made=2) == NEW_YEAR + HOUR
    assert next_after(three, NEW_YEAR, runs_made=3) is None
    assert len(between(three, NEW_YEAR, NEW_YEAR + 24 * HOUR, limit=10)) == 3
    assert len(between(three, NEW_YEAR, NEW_YEAR + 24 * HOUR, limit=10, runs_made=2)) == 1


def test_between_leaves_its_start_out_takes_its_end_in_and_keeps_the_limit() -> None:
    hourly = rule("@hourly")

    assert between(hourly, NEW_YEAR, NEW_YEAR + 2 * HOUR, limit=9) == [
        NEW_YEAR + HOUR,
        NEW_YEAR + 2 * HOUR,
    ]
    assert between(hourly, NEW_YEAR, NEW_YEAR + 9 * HOUR, limit=1) == [NEW_YEAR + HOUR]


def test_an_excluded_date_is_a_day_of_the_rules_zone() -> None:
    tokyo = rule("0 8 * * *", timezone="Asia/Tokyo", exclude="2026-01-03")

    assert [run[:10] for run in runs(tokyo, "2026-01-01T12:00Z", 2)] == ["2026-01-02", "2026-01-04"]


def test_an_excluding_cron_takes_out_whole_minutes() -> None:
    every_20_seconds = rule("*/20 * * * * *", exclude="1-58 * * * *")

    found = runs(every_20_seconds, "2026-01-01T00:00:30Z", 5)

    assert [run[14:19] for run in found] == ["00:40", "59:00", "59:20", "59:40", "00:00"]


def test_an_excluding_cron_of_six_fields_takes_out_seconds() -> None:
    every_20_seconds = rule("*/20 * * * * *", exclude="20-59 * * * * *")

    found = runs(every_20_seconds, "2026-01-01T00:00:00Z", 2)

    assert [run[11:19] for run in found] == ["00:01:00", "00:02:00"]


@pytest.mark.parametrize(
    ("zone", "around"),
    [
        ("Antarctica/Troll", datetime(2026, 10, 25, 1, tzinfo=UTC)),
        ("Antarctica/Troll", datetime(2026, 3, 29, 1, tzinfo=UTC)),
        ("America/Havana", datetime(2026, 11, 1, 5, tzinfo=UTC)),
        ("America/Sao_Paulo", datetime(2018, 2, 18, 2, tzinfo=UTC)),
        ("America/St_Johns", datetime(2010, 11, 7, 2, 31, tzinfo=UTC)),
        ("Pacific/Apia", datetime(2011, 12, 30, 10, tzinfo=UTC)),
    ],
)
@pytest.mark.parametrize(
    "exclude", ["* 1 * * *", "* 22-23 * * *", "15-44 * * * *", "* * */2 * *", "0-29 0-2 * * *"]
)
def test_an_exclusion_takes_out_what_it_names_and_nothing_else(
    zone: str, around: datetime, exclude: str
) -> None:
    """Excluded time is stepped over in hours and days; no change of the clock may upset that."""
    everything = rule("*/20 * * * *", timezone=zone)
    excluding = rule("*/20 * * * *", timezone=zone, exclude=exclude)
    named = Expression(exclude)
    start, end = around - 22 * HOUR, around + 22 * HOUR

    kept = between(excluding, start, end, limit=1000)

    assert kept == [
        run
        for run in between(everything, start, end, limit=1000)
        if not named.matches(run.astimezone(everything.zone))
    ]


def test_an_empty_exclusion_is_none() -> None:
    assert rule("@daily", exclude=[]) == rule("@daily")


def test_a_month_of_seconds_is_stepped_over_quickly() -> None:
    every_second = rule(every=1, exclude="* * * 12 *")

    found = next_after(every_second, datetime(2026, 11, 30, 23, 59, 59, tzinfo=UTC))

    assert found == datetime(2027, 1, 1, tzinfo=UTC)


def test_hash_jitter_is_one_delay_per_schedule() -> None:
    spread = rule("@hourly", jitter=600)
    occurrences = between(spread, NEW_YEAR, NEW_YEAR + 24 * HOUR, limit=24)

    delays = {due_at(spread, occurrence) - occurrence for occurrence in occurrences}

    assert len(delays) == 1
    assert timedelta(0) <= delays.pop() < timedelta(seconds=600)


def test_hash_jitter_spreads_schedules_evenly() -> None:
    minutes = [0] * 10
    for number in range(1000):
        spread = replace(rule("@hourly", jitter=600), seed=f"schedule-{number}")
        minutes[(due_at(spread, NEW_YEAR) - NEW_YEAR) // timedelta(minutes=1)] += 1

    assert min(minutes) > 60
    assert max(minutes) < 140


def test_random_jitter_is_another_delay_for_each_occurrence_and_the_same_if_asked_again() -> None:
    spread = rule("@hourly", jitter="PT10M", jitter_mode="random")
    occurrences = between(spread, NEW_YEAR, NEW_YEAR + 24 * HOUR, limit=24)

    first = [due_at(spread, occurrence) for occurrence in occurrences]
    again = [due_at(spread, occurrence) for occurrence in occurrences]

    delays = {due - occurrence for due, occurrence in zip(first, occurrences, strict=True)}
    assert first == again
    assert len(delays) > 20
    assert all(timedelta(0) <= delay < timedelta(minutes=10) for delay in delays)


def test_jitter_does_not_touch_the_occurrences() -> None:
    plain, spread = rule("@hourly"), rule("@hourly", jitter=600)

    assert runs(spread, "2026-01-01T00:00Z", 5) == runs(plain, "2026-01-01T00:00Z", 5)
    assert due_at(plain, NEW_YEAR) == NEW_YEAR


@pytest.mark.parametrize("pattern", [{"cron": "* * * * *"}, {"every": "P1D"}])
def test_every_rule_ends_before_the_calendar_does(pattern: dict[str, object]) -> None:
    kiritimati = rule(timezone="Pacific/Kiritimati", **pattern)

    assert next_after(kiritimati, datetime(9998, 12, 31, 12, tzinfo=UTC)) is None
    assert next_after(kiritimati, datetime.max.replace(tzinfo=UTC)) is None
