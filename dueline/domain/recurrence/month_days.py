"""Days that not every month has."""

from dueline.domain.recurrence.cron import Cron
from dueline.domain.recurrence.every import Every
from dueline.domain.recurrence.instants import Instants
from dueline.domain.recurrence.rrule import Rrule

_FEBRUARY = 2
_LENGTHS = {
    "January": 31,
    "February": 28,
    "March": 31,
    "April": 30,
    "May": 31,
    "June": 30,
    "July": 31,
    "August": 31,
    "September": 30,
    "October": 31,
    "November": 30,
    "December": 31,
}


def missing_days(pattern: Cron | Every | Rrule | Instants) -> list[str]:
    """One sentence for each day of the pattern that some of its months lack."""
    match pattern:
        case Cron() as cron:
            sentences = _sentences(
                _members(cron.days | cron.nearest_weekdays), _members(cron.months)
            )
            if any(nth == 5 for _weekday, nth in cron.nth_weekdays):
                sentences.append("Most months lack a fifth weekday of a kind: #5 is rare.")
            return sentences
        case Rrule() as rule:
            return _sentences(*_days_and_months(rule))
        case _:
            return []


def _sentences(days: set[int], months: set[int]) -> list[str]:
    """A range to the end of the month, such as 28-31, means its end: only lone days are named."""
    sentences = []
    for day in (29, 30, 31):
        lacking = [
            name if number != _FEBRUARY or day > 29 else "February (except in leap years)"
            for number, (name, length) in enumerate(_LENGTHS.items(), start=1)
            if number in months and length < day
        ]
        if day in days and day - 1 not in days and lacking:
            sentences.append(
                f"Day {day} is missing in {', '.join(lacking)}: it brings no run there."
            )
    return sentences


def _days_and_months(rule: Rrule) -> tuple[set[int], set[int]]:
    """The days and months that an RRULE names, or takes from its start as RFC 5545 has it."""
    parts = rule.parts()
    months = _numbers(parts.get("BYMONTH", ""))
    if "BYMONTHDAY" in parts:
        return _numbers(parts["BYMONTHDAY"]), months or set(range(1, 13))
    if rule.frequency == "MONTHLY" and "BYDAY" not in parts:
        return {rule.start.day}, months or set(range(1, 13))
    if rule.frequency == "YEARLY" and parts.keys() <= {"FREQ", "INTERVAL", "WKST", "BYMONTH"}:
        return {rule.start.day}, months or {rule.start.month}
    return set(), set()


def _numbers(text: str) -> set[int]:
    return {int(number) for number in text.split(",") if number}


def _members(mask: int) -> set[int]:
    return {number for number in range(32) if mask >> number & 1}
