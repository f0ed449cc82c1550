"""Moments: RFC 3339, with an offset."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from dueline.http_api.instants import parse_instant, rfc_3339

NINE = datetime(2026, 1, 1, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-01-01T09:00:00Z", NINE),
        ("2026-01-01t09:00:00z", NINE),
        ("2026-01-01 09:00:00Z", NINE),
        ("2026-01-01T10:00:00+01:00", NINE),
        ("2025-12-31T23:30:00-09:30", NINE),
        ("2026-01-01T09:00:00-00:00", NINE),
        ("2026-01-01T09:00:00.5Z", NINE + timedelta(milliseconds=500)),
        ("2026-01-01T09:00:00.000001Z", NINE + timedelta(microseconds=1)),
        ("2026-01-01T09:00:00.000001999Z", NINE + timedelta(microseconds=1)),
        ("9999-12-31T23:59:59.999999Z", datetime.max.replace(tzinfo=UTC)),
        ("0001-01-01T00:00:00Z", datetime.min.replace(tzinfo=UTC)),
    ],
)
def test_a_time_with_an_offset_is_read_into_utc(text: str, instant: datetime) -> None:
    assert parse_instant(text) == instant
    assert parse_instant(text).tzinfo is UTC


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("2026-01-01T09:00:00", "has no UTC offset; write 2026-01-01T09:00:00Z or \\+01:00"),
        ("2026-01-01 09:00:00.5", "no UTC offset"),
        ("", "RFC 3339"),
        ("now", "RFC 3339"),
        ("1767225600", "RFC 3339"),
        ("2026-01-01", "RFC 3339"),
        ("2026-01-01T09:00Z", "RFC 3339"),
        ("20260101T090000Z", "RFC 3339"),
        ("2026-W01-1T09:00:00Z", "RFC 3339"),
        ("2026-01-01T09:00:00 Z", "RFC 3339"),
        ("2026-01-01T09:00:00Z\n", "RFC 3339"),
        ("2026-01-01T09:00:00.Z", "RFC 3339"),
        ("2026-01-01T09:00:00+0100", "RFC 3339"),
        ("2026-01-01T09:00:00+24:00", "RFC 3339"),
        ("2026-01-01T09:00:00+01:60", "RFC 3339"),
        ("2026-01-01T24:00:00Z", "RFC 3339"),
        ("٢٠٢٦-01-01T09:00:00Z", "RFC 3339"),
        ("12026-01-01T09:00:00Z", "RFC 3339"),
        ("2026-02-30T09:00:00Z", "no such time"),
        ("2026-13-01T09:00:00Z", "no such time"),
        ("0000-01-01T00:00:00Z", "no such time"),
        ("2026-01-01T09:00:61Z", "no such time"),
        ("2016-12-31T23:59:60Z", "Leap seconds"),
        ("9999-12-31T23:59:59-01:00", "years 1 to 9999"),
        ("0001-01-01T00:00:00+01:00", "years 1 to 9999"),
    ],
)
def test_what_is_no_usable_time_is_refused_with_its_reason(text: str, reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        parse_instant(text)


def test_a_time_is_written_in_utc_with_microseconds() -> None:
    berlin = timezone(timedelta(hours=1))

    assert rfc_3339(NINE.astimezone(berlin)) == "2026-01-01T09:00:00.000000Z"
    assert rfc_3339(NINE + timedelta(microseconds=7)) == "2026-01-01T09:00:00.000007Z"
