"""The policies for times that the clock skips or reads twice, case by case.

The oracle (test_oracle.py) is what proves them; these are the cases to read.
"""

import pytest

from tests.unit.recurrence.rules import rule, runs

BERLIN = {"timezone": "Europe/Berlin"}
# 2026-03-29 02:00 +0100 -> 03:00 +0200, and 2026-10-25 03:00 +0200 -> 02:00 +0100
BEFORE_THE_GAP = "2026-03-28T12:00:00Z"
BEFORE_THE_FOLD = "2026-10-24T12:00:00Z"


@pytest.mark.parametrize(
    ("gap", "expected"),
    [
        ("shift", ["2026-03-29 03:00:00 +0200", "2026-03-30 02:30:00 +0200"]),
        ("skip", ["2026-03-30 02:30:00 +0200", "2026-03-31 02:30:00 +0200"]),
    ],
)
def test_a_fixed_time_in_a_gap_is_shifted_to_its_end_or_skipped(
    gap: str, expected: list[str]
) -> None:
    assert runs(rule("30 2 * * *", dst_gap=gap, **BERLIN), BEFORE_THE_GAP, 2) == expected


@pytest.mark.parametrize(
    ("overlap", "expected"),
    [
        ("first", ["2026-10-25 02:30:00 +0200", "2026-10-26 02:30:00 +0100"]),
        ("second", ["2026-10-25 02:30:00 +0100", "2026-10-26 02:30:00 +0100"]),
        ("both", ["2026-10-25 02:30:00 +0200", "2026-10-25 02:30:00 +0100"]),
    ],
)
def test_a_fixed_time_in_a_fold_runs_at_the_passes_chosen(
    overlap: str, expected: list[str]
) -> None:
    assert runs(rule("30 2 * * *", dst_overlap=overlap, **BERLIN), BEFORE_THE_FOLD, 2) == expected


def test_all_fixed_times_in_a_gap_and_the_one_at_its_end_are_a_single_run() -> None:
    found = runs(rule("0,15,30 2,3 * * *", **BERLIN), BEFORE_THE_GAP, 3)

    assert found == [
        "2026-03-29 03:00:00 +0200",
        "2026-03-29 03:15:00 +0200",
        "2026-03-29 03:30:00 +0200",
    ]


def test_the_passes_of_a_fold_come_one_after_the_other() -> None:
    found = runs(rule("15,45 2 * * *", dst_overlap="both", **BERLIN), BEFORE_THE_FOLD, 4)

    assert [run[11:] for run in found] == [
        "02:15:00 +0200",
        "02:45:00 +0200",
        "02:15:00 +0100",
        "02:45:00 +0100",
    ]


def test_a_run_is_never_given_for_a_pass_that_is_over() -> None:
    """cronsim 2.8 answers 01:30 of the first pass, 45 minutes before the question."""
    new_york = rule("30 1 * * *", timezone="America/New_York")

    found = runs(new_york, "2026-11-01T01:15:00-05:00", 1)

    assert found == ["2026-11-02 01:30:00 -0500"]


@pytest.mark.parametrize("policy", [{}, {"dst_gap": "skip", "dst_overlap": "second"}])
def test_an_interval_rule_follows_the_clock_whatever_the_policy(policy: dict[str, str]) -> None:
    half_hourly = rule("*/30 * * * *", **BERLIN, **policy)

    in_spring = runs(half_hourly, "2026-03-29T00:29:00Z", 3)
    in_autumn = runs(half_hourly, "2026-10-25T00:29:00Z", 3)

    assert in_spring == [
        "2026-03-29 01:30:00 +0100",
        "2026-03-29 03:00:00 +0200",
        "2026-03-29 03:30:00 +0200",
    ]
    assert in_autumn == [
        "2026-10-25 02:30:00 +0200",
        "2026-10-25 02:00:00 +0100",
        "2026-10-25 02:30:00 +0100",
    ]


def test_nothing_is_invented_for_an_interval_rule_whose_hour_is_skipped() -> None:
    every_second_hour = rule("0 */2 * * *", **BERLIN)

    found = runs(every_second_hour, "2026-03-28T22:30:00Z", 2)

    assert found == ["2026-03-29 00:00:00 +0100", "2026-03-29 04:00:00 +0200"]


def test_six_fields_with_second_0_are_the_same_as_five() -> None:
    for after in (BEFORE_THE_GAP, BEFORE_THE_FOLD):
        assert runs(rule("0 30 2 * * *", **BERLIN), after, 3) == runs(
            rule("30 2 * * *", **BERLIN), after, 3
        )


def test_a_seconds_field_that_begins_with_a_star_makes_an_interval_rule() -> None:
    found = runs(rule("*/30 59 2 * * *", **BERLIN), BEFORE_THE_FOLD, 4)

    assert [run[11:] for run in found] == [
        "02:59:00 +0200",
        "02:59:30 +0200",
        "02:59:00 +0100",
        "02:59:30 +0100",
    ]


def test_a_day_that_does_not_exist_runs_when_the_next_one_begins() -> None:
    """Samoa crossed the date line on 2011-12-30: that day is one long gap."""
    apia = rule("0 9 * * *", timezone="Pacific/Apia")

    assert runs(apia, "2011-12-29T19:30:00Z", 2) == [
        "2011-12-31 00:00:00 +1400",
        "2011-12-31 09:00:00 +1400",
    ]
    assert runs(
        rule("0 9 * * *", timezone="Pacific/Apia", dst_gap="skip"), "2011-12-29T19:30Z", 1
    ) == ["2011-12-31 09:00:00 +1400"]


def test_midnight_in_a_gap_runs_at_one() -> None:
    cairo = rule("@daily", timezone="Africa/Cairo")

    assert runs(cairo, "2026-04-23T12:00:00Z", 1) == ["2026-04-24 01:00:00 +0300"]


def test_half_an_hour_of_daylight_saving_repeats_half_an_hour() -> None:
    lord_howe = rule("20,40 1 * * *", timezone="Australia/Lord_Howe", dst_overlap="both")

    found = runs(lord_howe, "2026-04-04T12:00:00Z", 3)

    assert [run[11:] for run in found] == ["01:20:00 +1100", "01:40:00 +1100", "01:40:00 +1030"]
