"""What is refused, and whether the message says which part is wrong and what to write."""

import pytest

from dueline.domain.errors import InvalidRequest
from dueline.domain.recurrence import InvalidRecurrence, parse_rule
from tests.unit.recurrence.rules import NEW_YEAR, rule


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        ("60 * * * *", "minute (field 1 of 5): '60' is not in 0-59; allowed: 0-59, *, lists"),
        ("0 24 * * *", "hour (field 2 of 5): '24' is not in 0-23"),
        ("0 0 0 * *", "day-of-month (field 3 of 5): '0' is not in 1-31"),
        ("0 0 * 13 *", "month (field 4 of 5): '13' is not in 1-12; allowed: 1-12 or JAN-DEC"),
        ("0 0 * * 8", "day-of-week (field 5 of 5): '8' is not in 0-7"),
        ("0 0 * * MOND", "day-of-week (field 5 of 5): 'MOND' cannot be read"),
        ("0 0 * * MON#6", "day-of-week (field 5 of 5): 'MON#6' cannot be read"),
        ("60 0 0 * * *", "second (field 1 of 6): '60' is not in 0-59"),
        ("0 60 0 * * *", "minute (field 2 of 6): '60' is not in 0-59"),
        ("*/0 * * * *", "minute (field 1 of 5): the step of '*/0' is not in 1-59"),
        ("*/90 * * * *", "minute (field 1 of 5): the step of '*/90' is not in 1-59"),
        ("0 17-9 * * *", "hour (field 2 of 5): '17-9' runs backwards; write it as two ranges"),
        ("0 0 L/2 * *", "day-of-month (field 3 of 5): 'L/2' cannot be read"),
        ("0 0 32W * *", "day-of-month (field 3 of 5): '32W' cannot be read"),
        ("1,, * * * *", "minute (field 1 of 5): '' cannot be read"),
        ("? * * * *", "minute (field 1 of 5): '?' cannot be read"),
        ("* * * *", "has 4 fields; write 5 (minute hour day-of-month month day-of-week) or 6"),
        ("", "'' has 0 fields"),
        ("@reboot", "'@reboot' is unknown; use one of @hourly, @daily"),
        ("0 0 30 2 *", "day-of-month (field 3 of 5): '30' never comes in month '2'"),
        ("0 0 0 31 4,6 ?", "day-of-month (field 4 of 6): '31' never comes in month '4,6'"),
        ("0 0 */31 2 5L", "'*/31' with day-of-week '5L' never comes in month '2'"),
        ("0 " * 101, "202 characters are too many for an expression; at most 200"),
    ],
)
def test_a_bad_expression_is_refused_with_the_field_at_fault(expression: str, message: str) -> None:
    with pytest.raises(InvalidRecurrence) as refusal:
        parse_rule({"cron": expression})

    assert message in refusal.value.message
    assert refusal.value.field == "cron"
    assert refusal.value.value == expression


@pytest.mark.parametrize(
    ("spec", "field", "message"),
    [
        ({}, "cron", "give exactly one of cron, every, rrule, instants, not none"),
        ({"cron": "@daily", "every": 5}, "cron", "not cron and every"),
        ({"cron": 5}, "cron", "5 is not a string"),
        ({"cron": "@daily", "colour": "red"}, "colour", "is unknown; use some of cron, every"),
        ({"cron": "@daily", "timezone": "Europe/Berlni"}, "timezone", "mean 'Europe/Berlin'?"),
        ({"cron": "@daily", "timezone": "../etc/passwd"}, "timezone", "is no IANA time zone"),
        ({"cron": "@daily", "dst_gap": "jump"}, "dst_gap", "'jump' is unknown; use shift or skip"),
        ({"cron": "@daily", "dst_overlap": 1}, "dst_overlap", "use first or second or both"),
        ({"cron": "@daily", "jitter_mode": "x"}, "jitter_mode", "use hash or random"),
        ({"cron": "@daily", "jitter": -1}, "jitter", "not between 0 seconds and 1 day"),
        ({"cron": "@daily", "jitter": "P2D"}, "jitter", "not between 0 seconds and 1 day"),
        ({"cron": "@daily", "max_runs": 0}, "max_runs", "0 is not a whole number from 1"),
        ({"cron": "@daily", "max_runs": True}, "max_runs", "True is not a whole number"),
        ({"every": 0}, "every", "0 is not between 1 second and"),
        ({"every": 1.5}, "every", "1.5 is not a duration; write whole seconds"),
        ({"every": "P1M"}, "every", "for calendar months use cron or rrule"),
        ({"every": "PT"}, "every", "'PT' is not a duration"),
        ({"every": "P1DT"}, "every", "'P1DT' is not a duration"),
        ({"every": True}, "every", "True is not a duration"),
        ({"instants": []}, "instants", "is empty; give at least one"),
        ({"instants": ["2026-05-01T10:00Z"] * 1001}, "instants", "has 1001 items; at most 1000"),
        ({"instants": ["2026-05-01"]}, "instants", "not a date and time such as 2026-12-24T18"),
        ({"instants": ["2026-05-01T10:00"]}, "instants", "has no offset; add Z or +01:00, or give"),
        ({"instants": ["9999-05-01T10:00Z"]}, "instants", "is not between 1970 and 9997"),
        ({"cron": "@daily", "starts_at": "soon"}, "starts_at", "'soon' is not a date and time"),
        ({"cron": "@daily", "exclude": "2026-02-30"}, "exclude", "is not in the calendar"),
        ({"cron": "@daily", "exclude": [5]}, "exclude", "5 is neither a date nor a cron"),
        ({"cron": "@daily", "exclude": "61 * * * *"}, "exclude", "minute (field 1 of 5): '61'"),
        ({"cron": "@daily", "exclude": ["@daily"] * 11}, "exclude", "has 11 crons; at most 10"),
        ({"cron": "0 9 29 2 *", "exclude": "* * 29 * *"}, "exclude", "leaves no run"),
        (
            {"cron": "@daily", "starts_at": "2026-05-01T01:00Z", "ends_at": "2026-05-01T02:00Z"},
            "ends_at",
            "no run comes before it",
        ),
    ],
)
def test_a_bad_value_is_refused_by_its_key(
    spec: dict[str, object], field: str, message: str
) -> None:
    with pytest.raises(InvalidRecurrence) as refusal:
        rule(**spec)

    assert refusal.value.field == field
    assert message in refusal.value.message


@pytest.mark.parametrize("pattern", [{"every": "PT5M"}, {"rrule": "FREQ=DAILY"}])
def test_a_series_needs_a_start_to_count_from(pattern: dict[str, object]) -> None:
    with pytest.raises(InvalidRecurrence, match="starts_at: is missing") as refusal:
        parse_rule(pattern)

    assert refusal.value.field == "starts_at"


def test_a_refusal_is_an_invalid_request_that_points_at_the_key() -> None:
    with pytest.raises(InvalidRequest) as refusal:
        parse_rule({"cron": "* * * *"}, anchor=NEW_YEAR)

    assert refusal.value.pointer == "/cron"
    assert refusal.value.code == "INVALID_RECURRENCE"
    assert refusal.value.http_status == 422
