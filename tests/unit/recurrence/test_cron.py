"""What cron expressions match, away from any change of the clock."""

import pytest

from tests.unit.recurrence.rules import rule, runs


@pytest.mark.parametrize(
    ("expression", "first", "second"),
    [
        ("* * * * *", "2026-01-01 00:01:00", "2026-01-01 00:02:00"),
        ("*/20 * * * *", "2026-01-01 00:20:00", "2026-01-01 00:40:00"),
        ("5/20 * * * *", "2026-01-01 00:05:00", "2026-01-01 00:25:00"),
        ("1-1/2 * * * *", "2026-01-01 00:01:00", "2026-01-01 01:01:00"),
        ("10-20/5,7 3 * * *", "2026-01-01 03:07:00", "2026-01-01 03:10:00"),
        ("0 9 * * MON-FRI", "2026-01-01 09:00:00", "2026-01-02 09:00:00"),
        ("0 9 * * sat,sun", "2026-01-03 09:00:00", "2026-01-04 09:00:00"),
        ("0 9 * * 7", "2026-01-04 09:00:00", "2026-01-11 09:00:00"),
        ("0 9 * * FRI-7", "2026-01-02 09:00:00", "2026-01-03 09:00:00"),
        ("0 0 1 JAN,jul *", "2026-07-01 00:00:00", "2027-01-01 00:00:00"),
        ("0 0 ? * WED", "2026-01-07 00:00:00", "2026-01-14 00:00:00"),
        ("0 0 L * ?", "2026-01-31 00:00:00", "2026-02-28 00:00:00"),
        ("0 0 LW * *", "2026-01-30 00:00:00", "2026-02-27 00:00:00"),
        ("0 0 * * 5L", "2026-01-30 00:00:00", "2026-02-27 00:00:00"),
        ("0 0 * * FRIL", "2026-01-30 00:00:00", "2026-02-27 00:00:00"),
        ("0 0 * * MON#2", "2026-01-12 00:00:00", "2026-02-09 00:00:00"),
        ("0 0 * * 0#5,3", "2026-01-07 00:00:00", "2026-01-14 00:00:00"),
        ("0 0 29 2 *", "2028-02-29 00:00:00", "2032-02-29 00:00:00"),
        ("0 0 31 * *", "2026-01-31 00:00:00", "2026-03-31 00:00:00"),
        ("30 15 10 * * *", "2026-01-01 10:15:30", "2026-01-02 10:15:30"),
        ("*/30 * * * * *", "2026-01-01 00:00:30", "2026-01-01 00:01:00"),
    ],
)
def test_an_expression_matches_what_it_says(expression: str, first: str, second: str) -> None:
    found = runs(rule(expression), "2026-01-01T00:00:00Z", 2)

    assert found == [f"{first} +0000", f"{second} +0000"]


@pytest.mark.parametrize(
    ("macro", "expression"),
    [
        ("@hourly", "0 * * * *"),
        ("@daily", "0 0 * * *"),
        ("@midnight", "0 0 * * *"),
        ("@weekly", "0 0 * * 0"),
        ("@monthly", "0 0 1 * *"),
        ("@yearly", "0 0 1 1 *"),
        (" @Annually ", "0 0 1 1 *"),
    ],
)
def test_a_macro_stands_for_an_expression(macro: str, expression: str) -> None:
    after = "2026-03-05T07:11:13Z"

    assert runs(rule(macro), after, 3) == runs(rule(expression), after, 3)


@pytest.mark.parametrize(
    ("expression", "days"),
    [
        ("0 0 15W * *", ["2026-01-15", "2026-02-16", "2026-03-16", "2026-04-15"]),  # Sundays
        ("0 0 15W AUG *", ["2026-08-14"]),  # a Saturday
        ("0 0 1W AUG *", ["2026-08-03"]),  # Saturday the 1st: July is not entered
        ("0 0 31W MAY *", ["2026-05-29"]),  # Sunday the 31st: June is not entered
        ("0 0 31W * *", ["2026-01-30", "2026-03-31", "2026-05-29"]),  # no 31st, no run
        ("0 0 1W,15W,LW JAN *", ["2026-01-15", "2026-01-30"]),  # the 1st at 00:00 is past
    ],
)
def test_the_nearest_weekday_stays_in_its_month(expression: str, days: list[str]) -> None:
    found = runs(rule(expression), "2026-01-01T00:00:00Z", len(days))

    assert [run[:10] for run in found] == days


def test_a_day_of_the_month_and_a_day_of_the_week_are_alternatives() -> None:
    found = runs(rule("0 0 15 * FRI"), "2026-01-01T00:00:00Z", 4)

    assert [run[:10] for run in found] == ["2026-01-02", "2026-01-09", "2026-01-15", "2026-01-16"]


@pytest.mark.parametrize("expression", ["0 0 */2 * FRI", "0 0 13 * */5", "0 0 */2 * FRI,FRI"])
def test_both_days_must_match_if_one_of_them_begins_with_a_star(expression: str) -> None:
    found = runs(rule(expression), "2026-01-01T00:00:00Z", 2)

    expected = {"0 0 13 * */5": ["2026-02-13", "2026-03-13"]}
    assert [run[:10] for run in found] == expected.get(expression, ["2026-01-09", "2026-01-23"])
