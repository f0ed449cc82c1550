"""An RRULE in plain English."""

from calendar import month_name

from dueline.domain.recurrence.rrule import Rrule
from dueline.domain.recurrence.wording import counted, joined

_UNITS = {
    "DAILY": "day",
    "WEEKLY": "week",
    "MONTHLY": "month",
    "YEARLY": "year",
}
_WEEKDAYS = {
    "MO": "Monday",
    "TU": "Tuesday",
    "WE": "Wednesday",
    "TH": "Thursday",
    "FR": "Friday",
    "SA": "Saturday",
    "SU": "Sunday",
}


def explain_rrule(rule: Rrule) -> str:
    """Such as "Every 2 weeks on Monday and Friday at 09:00, 10 times"."""
    parts = rule.parts()
    del parts["FREQ"]
    parts.pop("INTERVAL", None)
    unit = _UNITS[rule.frequency]
    words = f"Every {unit}" if rule.interval == 1 else f"Every {rule.interval} {unit}s"
    if "BYDAY" in parts:
        words += f" on {joined(map(_weekday, parts.pop('BYDAY').split(',')))}"
    if "BYMONTHDAY" in parts:
        words += f" on {joined(map(_month_day, parts.pop('BYMONTHDAY').split(',')))}"
    if "BYMONTH" in parts:
        words += f" in {joined(month_name[int(n)] for n in parts.pop('BYMONTH').split(','))}"
    if not parts.keys() & {"BYHOUR", "BYMINUTE", "BYSECOND"}:
        words += f" at {rule.start:%H:%M:%S}".removesuffix(":00")
    if parts:
        words += f" with {joined(f'{name}={value}' for name, value in parts.items())}"
    return words if rule.count is None else f"{words}, {counted(rule.count, 'time')}"


def _weekday(text: str) -> str:
    name = _WEEKDAYS[text[-2:]]
    return f"the {_nth(int(text[:-2]))} {name}" if text[:-2] else name


def _month_day(text: str) -> str:
    return f"day {int(text)}" if int(text) > 0 else f"the {_nth(int(text))} day"


def _nth(number: int) -> str:
    if number == -1:
        return "last"
    count = abs(number)
    last_digit = 0 if count % 100 in {11, 12, 13} else count % 10
    ending = {1: "st", 2: "nd", 3: "rd"}.get(last_digit, "th")
    return f"{count}{ending}" + (" to last" if number < 0 else "")
