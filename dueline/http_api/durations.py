"""Lengths of time in requests: a number of seconds, or an ISO 8601 duration."""

import re
from datetime import timedelta

from dueline.domain.errors import InvalidRequest

_NUMBER = r"[0-9]{1,9}(?:[.,][0-9]{1,9})?"
_DURATION = re.compile(
    rf"P(?:(?P<weeks>{_NUMBER})W|(?:(?P<days>{_NUMBER})D)?"
    rf"(?:T(?=[0-9])(?:(?P<hours>{_NUMBER})H)?(?:(?P<minutes>{_NUMBER})M)?"
    rf"(?:(?P<seconds>{_NUMBER})S)?)?)"
)
_CALENDAR_UNIT = re.compile(r"P[0-9.,]*[YM]")


def parse_duration(value: float | str) -> timedelta:
    """Read `PnW`, `PnDTnHnMnS` (a fraction only in the last part) or a number of seconds.

    Months and years are refused: their length depends on the day they begin. Raises ValueError
    with a sentence for the caller.
    """
    try:
        length = _from_iso_8601(value) if isinstance(value, str) else timedelta(seconds=value)
    except OverflowError as error:
        raise ValueError("This is too long.") from error
    if length < timedelta(0):
        raise ValueError(f"{value} is negative; a length of time begins at 0.")
    return length


def read_duration(
    value: float | str,
    pointer: str,
    *,
    least: timedelta = timedelta(0),
    most: timedelta = timedelta.max,
) -> timedelta:
    """The length of time at this place of a request. Raises InvalidRequest."""
    try:
        length = parse_duration(value)
    except ValueError as error:
        raise InvalidRequest(str(error), code="INVALID_DURATION", pointer=pointer) from error
    if not least <= length <= most:
        limit = f"{'more than 0 and ' if least else ''}at most {most.total_seconds():g} s"
        raise InvalidRequest(
            f"This is {length.total_seconds():g} s; want {limit}.",
            code="INVALID_DURATION",
            pointer=pointer,
        )
    return length


def _from_iso_8601(text: str) -> timedelta:
    if _CALENDAR_UNIT.match(text):
        raise ValueError("Months and years have no fixed length; write days, such as P30D.")
    match = _DURATION.fullmatch(text)
    parts = {unit: part for unit, part in match.groupdict().items() if part} if match else {}
    if not parts:
        raise ValueError("Want a number of seconds, or an ISO 8601 duration such as PT90S or P1D.")
    numbers = {unit: part.replace(",", ".") for unit, part in parts.items()}
    if any("." in number for number in list(numbers.values())[:-1]):
        raise ValueError("Only the last part of a duration may have a fraction: PT1H30.5M.")
    return timedelta(**{unit: float(number) for unit, number in numbers.items()})
