"""Intervals, lists of instants, and RRULEs."""

import time
from datetime import UTC, datetime

import pytest

from dueline.domain.recurrence import InvalidRecurrence, next_after, parse_rule
from tests.unit.recurrence.rules import NEW_YEAR, rule, runs

BERLIN = {"timezone": "Europe/Berlin"}


@pytest.mark.parametrize(
    ("every", "second"),
    [
        (1, "2026-01-01 00:00:02"),
        ("90", "2026-01-01 00:03:00"),
        ("PT1M30S", "2026-01-01 00:03:00"),
        ("PT36H", "2026-01-04 00:00:00"),
        ("P1W", "2026-01-15 00:00:00"),
        ("P1DT12H", "2026-01-04 00:00:00"),
    ],
)
def test_an_interval_counts_from_its_anchor(every: object, second: str) -> None:
    assert runs(rule(every=every), "2026-01-01T00:00:00Z", 2)[1] == f"{second} +0000"


def test_an_interval_keeps_its_phase_wherever_one_asks() -> None:
    found = runs(rule(every="PT7M"), "2030-06-01T00:00:00Z", 1)

    instant = datetime.strptime(found[0], "%Y-%m-%d %H:%M:%S %z")
    assert (instant - NEW_YEAR).total_seconds() % 420 == 0
    assert instant == datetime(2030, 6, 1, 0, 4, tzinfo=UTC)


def test_an_interval_counts_from_the_whole_second_of_its_creation() -> None:
    created_at = datetime.fromisoformat("2026-01-01T01:00:00.9+01:00")

    each_second = parse_rule({"every": "PT1S"}, anchor=created_at)

    assert next_after(each_second, created_at) == datetime(2026, 1, 1, 0, 0, 1, tzinfo=UTC)


def test_an_interval_has_no_run_before_its_anchor() -> None:
    assert runs(rule(every="P1D"), "2025-06-01T00:00Z", 1) == ["2026-01-01 00:00:00 +0000"]


def test_an_interval_with_a_start_runs_at_its_start_first() -> None:
    found = runs(rule(every="PT1H", starts_at="2026-05-01T10:17:00Z"), "2026-01-01T00:00Z", 2)

    assert found == ["2026-05-01 10:17:00 +0000", "2026-05-01 11:17:00 +0000"]


def test_an_interval_of_a_day_is_24_hours_across_a_change_of_the_clock() -> None:
    daily = rule(every="P1D", starts_at="2026-03-28T09:00:00", **BERLIN)

    assert runs(daily, "2026-01-01T00:00Z", 2) == [
        "2026-03-28 09:00:00 +0100",
        "2026-03-29 10:00:00 +0200",
    ]


def test_listed_instants_run_once_each_in_order() -> None:
    listed = rule(
        instants=["2026-12-25T18:00:00+01:00", "2026-12-24T18:00", "2026-12-25T17:00:00Z"], **BERLIN
    )

    assert runs(listed, "2026-01-01T00:00Z", 9) == [
        "2026-12-24 18:00:00 +0100",
        "2026-12-25 18:00:00 +0100",
    ]


def test_a_listed_local_time_that_the_clock_skips_is_the_instant_after_the_gap() -> None:
    listed = rule(instants=["2026-03-29T02:30:00.25", "2026-10-25T02:30"], **BERLIN)

    assert runs(listed, "2026-01-01T00:00Z", 2) == [
        "2026-03-29 03:00:00 +0200",
        "2026-10-25 02:30:00 +0200",
    ]


@pytest.mark.parametrize(
    ("rrule", "expected"),
    [
        ("FREQ=WEEKLY;INTERVAL=2;BYDAY=MO", ["2026-06-15", "2026-06-29"]),
        ("RRULE:FREQ=MONTHLY;BYDAY=-1FR", ["2026-06-26", "2026-07-31"]),
        ("freq=monthly;bymonthday=-2", ["2026-06-29", "2026-07-30"]),
        ("FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1", ["2026-06-30", "2026-07-31"]),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29", ["2028-02-29", "2032-02-29"]),
        ("FREQ=DAILY;COUNT=162", ["2026-06-10", "2026-06-11"]),
        ("FREQ=DAILY;UNTIL=20260610", ["2026-06-10"]),
        ("FREQ=DAILY;UNTIL=20260610T070000Z", ["2026-06-10"]),
        ("FREQ=DAILY;UNTIL=20260610T065959Z", []),
    ],
)
def test_an_rrule_is_expanded_on_the_wall_clock(rrule: str, expected: list[str]) -> None:
    calendar = rule(rrule=rrule, starts_at="2026-01-01T09:00", timezone="Europe/Berlin")
    after = "2026-06-09T12:00:00Z"

    found = runs(calendar, after, 2)

    assert [run[:10] for run in found] == expected
    assert {run[11:19] for run in found} <= {"09:00:00"}


def test_an_rrule_obeys_the_dst_policies() -> None:
    daily = rule(rrule="FREQ=DAILY", starts_at="2026-01-01T02:30", dst_overlap="both", **BERLIN)

    in_spring = runs(daily, "2026-03-28T12:00:00Z", 1)
    in_autumn = runs(daily, "2026-10-24T12:00:00Z", 2)

    assert in_spring == ["2026-03-29 03:00:00 +0200"]
    assert in_autumn == ["2026-10-25 02:30:00 +0200", "2026-10-25 02:30:00 +0100"]


@pytest.mark.parametrize(
    ("rrule", "start"),
    [
        ("FREQ=DAILY;INTERVAL=3", "2020-01-01T09:00Z"),
        ("FREQ=WEEKLY;INTERVAL=3;WKST=SU;BYDAY=SU,MO", "2020-01-01T09:00Z"),
        ("FREQ=MONTHLY;INTERVAL=5;BYDAY=2TU", "2020-02-28T09:00Z"),
        ("FREQ=MONTHLY", "2020-01-31T09:00Z"),
        ("FREQ=YEARLY;INTERVAL=3;BYWEEKNO=1;BYDAY=MO", "2020-02-28T09:00Z"),
    ],
)
def test_an_old_rrule_gives_what_a_walk_from_its_start_gives(rrule: str, start: str) -> None:
    walked = runs(rule(rrule=rrule, starts_at=start), "2019-01-01T00:00Z", 60)

    for index in (1, 7, 20, 58):
        previous = datetime.strptime(walked[index - 1], "%Y-%m-%d %H:%M:%S %z")
        assert runs(rule(rrule=rrule, starts_at=start), previous.isoformat(), 1) == [walked[index]]


def test_an_old_rrule_is_not_slower_than_a_young_one() -> None:
    old = rule(rrule="FREQ=DAILY", starts_at="1970-01-01T09:00Z")

    started = time.perf_counter()
    found = next_after(old, datetime(9000, 1, 1, tzinfo=UTC))

    assert found == datetime(9000, 1, 1, 9, tzinfo=UTC)
    assert time.perf_counter() - started < 1  # counted from 1970: half a minute


def test_an_rrule_that_never_comes_is_refused_soon() -> None:
    started = time.perf_counter()

    with pytest.raises(InvalidRecurrence, match="never comes"):
        rule(rrule="FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30")

    assert time.perf_counter() - started < 2  # looked for until the year 9999: six seconds


@pytest.mark.parametrize(
    ("rrule", "message"),
    [
        ("BYDAY=MO", "FREQ is missing; use one of DAILY, WEEKLY, MONTHLY, YEARLY"),
        ("FREQ=HOURLY", "FREQ is HOURLY; use one of DAILY, WEEKLY, MONTHLY, YEARLY (for less"),
        ("FREQ=DAILY;BYDAYS=MO", "'BYDAYS=MO' is unknown; write parts such as FREQ=WEEKLY"),
        ("DTSTART:20260101\nRRULE:FREQ=DAILY", "is unknown; write parts such as"),
        ("FREQ=DAILY;FREQ=DAILY", "FREQ is given twice; give it once"),
        ("FREQ=DAILY;INTERVAL=0", "INTERVAL cannot be '0' (numbers up to 1000)"),
        ("FREQ=DAILY;COUNT=1001", "COUNT cannot be '1001' (numbers up to 1000)"),
        ("FREQ=YEARLY;BYMONTH=13", "BYMONTH cannot be '13' (numbers up to 12)"),
        ("FREQ=MONTHLY;BYDAY=XX", "BYDAY cannot be 'XX'"),
        ("FREQ=DAILY;UNTIL=TOMORROW", "UNTIL=TOMORROW is not a date such as 20261231"),
        ("FREQ=DAILY;COUNT=3;UNTIL=20270101", "COUNT and UNTIL exclude each other; give one"),
        ("FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "never comes from 2026-01-01 00:00:00 on"),
        ("FREQ=DAILY;UNTIL=20250101", "never comes from 2026-01-01 00:00:00 on"),
        ("FREQ=DAILY;BYSETPOS=1,-1;" + "BYHOUR=" + "1," * 100, "are too many for a rule"),
    ],
)
def test_a_bad_rrule_is_refused_with_the_part_at_fault(rrule: str, message: str) -> None:
    with pytest.raises(InvalidRecurrence) as refusal:
        rule(rrule=rrule)

    assert refusal.value.field == "rrule"
    assert message in refusal.value.message
