"""What the package says about a rule: describe, warnings, annotate."""

from datetime import UTC, datetime

import pytest

from dueline.domain.recurrence import annotate, between, describe, warnings
from tests.unit.recurrence.rules import NEW_YEAR, rule

BERLIN = {"timezone": "Europe/Berlin"}
SPRING = "On 2026-03-29 the clock in Europe/Berlin jumps from 02:00 to 03:00"
AT_SECOND = "run at the second pass only (dst_overlap: second)."
AUTUMN = "On 2026-10-25 the clock in Europe/Berlin reads 02:00 to 03:00 twice"


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        ({"cron": "0 9 * * MON-FRI"}, "At 09:00 on Monday through Friday, UTC time."),
        ({"cron": "@daily"}, "At 00:00 every day, UTC time."),
        ({"cron": "0 0 31 * ?"}, "At 00:00 on the 31st day of every month, UTC time."),
        ({"cron": "0 0 * * FRIL"}, "At 00:00 on the last Friday of the month, UTC time."),
        ({"cron": "15 30 9 * * *"}, "At 09:30:15 every day, UTC time."),
        (
            {"cron": "0 9 15W * *"},
            "At 09:00 on the weekday nearest to day 15 of every month, UTC time.",
        ),
        (
            {"every": "PT1M30S"},
            "Every 1 minute 30 seconds, counted from 2026-01-01 00:00:00+00:00.",
        ),
        ({"instants": ["2026-05-01T10:00Z"]}, "Once, at 2026-05-01 10:00:00+00:00."),
        (
            {"instants": ["2026-05-01T10:00Z", "2026-05-02T10:00Z"], **BERLIN},
            "2 times, from 2026-05-01 12:00:00+02:00 to 2026-05-02 12:00:00+02:00.",
        ),
        (
            {"rrule": "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,FR;COUNT=10"},
            "Every 2 weeks on Monday and Friday at 00:00, 10 times, UTC time.",
        ),
        (
            {"rrule": "FREQ=MONTHLY;BYDAY=2TU,-1FR;BYMONTH=3;BYHOUR=7"},
            "Every month on the 2nd Tuesday and the last Friday in March with BYHOUR=7, UTC time.",
        ),
        (
            {"rrule": "FREQ=MONTHLY;BYMONTHDAY=1,-1,-12"},
            "Every month on day 1, the last day and the 12th to last day at 00:00, UTC time.",
        ),
    ],
)
def test_a_rule_is_described_in_plain_english(spec: dict[str, object], words: str) -> None:
    assert describe(rule(**spec)) == words


def test_a_description_names_the_dst_policies_of_fixed_times() -> None:
    shifting = describe(rule("30 2 * * *", **BERLIN))
    skipping = describe(rule("30 2 * * *", dst_gap="skip", dst_overlap="both", **BERLIN))

    assert shifting == (
        "At 02:30 every day, Europe/Berlin time. Times that the clock skips run once, at the first"
        " instant after the gap (dst_gap: shift); of those that it repeats, the first pass runs"
        " (dst_overlap: first)."
    )
    assert "do not run (dst_gap: skip)" in skipping
    assert "both passes run (dst_overlap: both)" in skipping


def test_a_description_says_that_an_interval_rule_follows_the_clock() -> None:
    words = describe(rule("*/5 * * * *", **BERLIN))

    assert words == (
        "Every fifth minute of every hour, Europe/Berlin time. It follows the clock: repeated"
        " time counts twice, skipped time does not come."
    )


def test_a_description_names_limits_jitter_and_exclusions() -> None:
    limited = rule(
        "@hourly",
        starts_at="2026-05-01T10:00Z",
        ends_at="2026-06-01T10:00Z",
        max_runs=1,
        jitter=90,
        exclude=["2026-05-08", "* 12 * * *", *[f"2026-05-1{day}" for day in range(6)]],
    )

    assert describe(limited) == (
        "At the start of every hour, UTC time. Not before 2026-05-01 10:00:00+00:00. Not after"
        " 2026-06-01 10:00:00+00:00. At most 1 run. Each run starts up to 1 minute 30 seconds"
        " later, a delay that is the same for every run. Not on 2026-05-08, 2026-05-10, 2026-05-11,"
        " 2026-05-12, 2026-05-13 and 2 more days. Not during: every minute from 12:00 through"
        " 12:59."
    )


@pytest.mark.parametrize(
    ("spec", "expected"),
    [
        ({"cron": "0 9 * * MON-FRI", **BERLIN}, []),
        ({"cron": "0 * * * *", **BERLIN}, []),
        ({"cron": "* * * * *"}, ["Runs 1,440 times a day."]),
        ({"every": 1}, ["Runs 86,400 times a day."]),
        ({"every": "PT1H", **BERLIN}, []),
        (
            {"cron": "0 0 31 1-3 *"},
            ["Day 31 is missing in February: it brings no run there."],
        ),
        (
            {"cron": "0 0 29W * *"},
            ["Day 29 is missing in February (except in leap years): it brings no run there."],
        ),
        ({"cron": "0 0 28-31 * *"}, []),
        ({"cron": "0 0 * * MON#5"}, ["Most months lack a fifth weekday of a kind: #5 is rare."]),
        (
            {"rrule": "FREQ=MONTHLY;BYMONTHDAY=30"},
            ["Day 30 is missing in February: it brings no run there."],
        ),
        (
            {"rrule": "FREQ=MONTHLY", "starts_at": "2026-01-30T00:00Z"},
            ["Day 30 is missing in February: it brings no run there."],
        ),
        (
            {"rrule": "FREQ=YEARLY", "starts_at": "2024-02-29T00:00Z"},
            ["Day 29 is missing in February (except in leap years): it brings no run there."],
        ),
        (
            {"rrule": "FREQ=DAILY;BYMINUTE=0,5,10,15,20;BYHOUR=" + ",".join(map(str, range(24)))},
            ["Runs more than 100 times a day."],
        ),
        (
            {"every": "P1D", **BERLIN},
            [
                (
                    "Every 1 day is elapsed time: the time of day in Europe/Berlin changes with"
                    " daylight saving. Use cron to keep it."
                )
            ],
        ),
        (
            {"cron": "30 2 * * *", **BERLIN},
            [
                f"{SPRING}: 02:30 runs at 03:00 (dst_gap: shift).",
                f"{AUTUMN}: 02:30 runs at the first pass only (dst_overlap: first).",
            ],
        ),
        (
            {"cron": "0-30/10 2 * * *", "dst_gap": "skip", "dst_overlap": "second", **BERLIN},
            [
                f"{SPRING}: 02:00, 02:10, 02:20 and later times will not run (dst_gap: skip).",
                f"{AUTUMN}: 02:00, 02:10, 02:20 and later times {AT_SECOND}",
            ],
        ),
        (
            {"cron": "0 */2 * * *", **BERLIN},
            [
                f"{SPRING}: 02:00 does not come.",
                f"{AUTUMN}: 02:00 runs at both passes.",
            ],
        ),
        (
            {"cron": "@daily", "ends_at": "2025-12-31T12:00Z"},
            ["Nothing runs any more: no run lies ahead."],
        ),
    ],
)
def test_a_rule_is_warned_about_where_it_may_surprise(
    spec: dict[str, object], expected: list[str]
) -> None:
    assert warnings(rule(**spec), NEW_YEAR) == expected


def test_a_warning_names_the_day_that_a_zone_leaves_out() -> None:
    apia = rule("0 9 * * *", timezone="Pacific/Apia")
    apia_skips = "2011-12-30 the clock in Pacific/Apia jumps from 00:00 to 2011-12-31 00:00"

    assert warnings(apia, datetime(2011, 12, 1, tzinfo=UTC)) == [
        f"On {apia_skips}: 09:00 runs at 2011-12-31 00:00 (dst_gap: shift)."
    ]


@pytest.mark.parametrize(
    ("spec", "day", "notes"),
    [
        ({"cron": "30 2 * * *"}, (2026, 3, 28), [None, "dst_gap", None]),
        ({"cron": "30 2 * * *", "dst_overlap": "both"}, (2026, 10, 24), [None, *["dst_fold"] * 2]),
        ({"cron": "30 2 * * *", "jitter": 5}, (2026, 3, 28), ["jittered", "dst_gap", "jittered"]),
        ({"cron": "0 2,3 * * *"}, (2026, 3, 28), [None, None, "dst_gap", None]),
        ({"cron": "0 3 * * *"}, (2026, 3, 28), [None, None, None]),
        ({"cron": "0 2,3 * * *", "dst_gap": "skip"}, (2026, 3, 28), [None, None, None, None]),
        ({"cron": "0 */3 * * *"}, (2026, 10, 25), [None, None]),
        ({"every": "PT12H"}, (2026, 10, 25), [None, None]),
        ({"rrule": "FREQ=DAILY;BYHOUR=2"}, (2026, 3, 28), [None, "dst_gap", None]),
    ],
)
def test_an_occurrence_is_annotated_with_why_it_is_there(
    spec: dict[str, object], day: tuple[int, int, int], notes: list[str | None]
) -> None:
    berlin = rule(**spec, **BERLIN)
    start = datetime(*day, tzinfo=UTC)

    found = between(berlin, start, datetime(2027, 1, 1, tzinfo=UTC), limit=len(notes))

    assert [annotate(berlin, occurrence) for occurrence in found] == notes
    in_local_time = [occurrence.astimezone(berlin.zone) for occurrence in found]
    assert [annotate(berlin, occurrence) for occurrence in in_local_time] == notes
