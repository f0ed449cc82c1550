"""Lengths of time: seconds or ISO 8601."""

from datetime import timedelta

import pytest

from dueline.http_api.durations import parse_duration


@pytest.mark.parametrize(
    ("value", "length"),
    [
        (0, timedelta(0)),
        (1, timedelta(seconds=1)),
        (0.25, timedelta(milliseconds=250)),
        ("PT0S", timedelta(0)),
        ("PT90S", timedelta(seconds=90)),
        ("PT1.5S", timedelta(seconds=1.5)),
        ("PT1,5S", timedelta(seconds=1.5)),
        ("PT1H30.5M", timedelta(hours=1, minutes=30, seconds=30)),
        ("P1D", timedelta(days=1)),
        ("P1DT2H3M4S", timedelta(days=1, hours=2, minutes=3, seconds=4)),
        ("P0.5D", timedelta(hours=12)),
        ("P2W", timedelta(weeks=2)),
        ("P1.5W", timedelta(days=10, hours=12)),
    ],
)
def test_a_duration_is_read(value: float | str, length: timedelta) -> None:
    assert parse_duration(value) == length


@pytest.mark.parametrize(
    ("value", "reason"),
    [
        ("", "ISO 8601"),
        ("5", "ISO 8601"),
        ("P", "ISO 8601"),
        ("PT", "ISO 8601"),
        ("P1DT", "ISO 8601"),
        ("P1H", "ISO 8601"),
        ("PT1D", "ISO 8601"),
        ("P1W1D", "ISO 8601"),
        ("PT1S1M", "ISO 8601"),
        ("pt1s", "ISO 8601"),
        ("-PT1S", "ISO 8601"),
        ("PT-1S", "ISO 8601"),
        ("PT1S\n", "ISO 8601"),
        ("PT1.S", "ISO 8601"),
        ("PT٣S", "ISO 8601"),
        ("PT1234567890S", "ISO 8601"),
        ("PT1.5H2M", "Only the last part"),
        ("P1M", "no fixed length"),
        ("P1Y", "no fixed length"),
        ("P1Y2M3DT4H", "no fixed length"),
        (-1, "negative"),
        (-0.001, "negative"),
        (1e300, "too long"),
        (10**31, "too long"),
        ("P999999999W", "too long"),
    ],
)
def test_what_is_no_duration_is_refused_with_its_reason(value: float | str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        parse_duration(value)
