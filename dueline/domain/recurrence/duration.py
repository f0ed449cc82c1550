"""Durations as users write them: in seconds or in ISO 8601."""

import re
from datetime import timedelta

from dueline.domain.recurrence.invalid import InvalidRecurrence
from dueline.domain.recurrence.wording import duration_in_words

_ISO_8601 = re.compile(
    "P(?:([0-9]{1,9})W)?(?:([0-9]{1,9})D)?"
    "(?:T(?:([0-9]{1,9})H)?(?:([0-9]{1,9})M)?(?:([0-9]{1,9})S)?)?"
)
_SECONDS_IN = (604_800, 86_400, 3_600, 60, 1)


def parse_duration(
    value: object, key: str, *, shortest: timedelta, longest: timedelta
) -> timedelta:
    """Read whole seconds (90, "90") or an ISO 8601 duration of weeks to seconds ("PT1M30S").

    Years and months are refused, as they have no fixed length. Raises InvalidRecurrence for `key`.
    """
    seconds = _seconds(value)
    if seconds is None:
        message = (
            f"{value!r} is not a duration; write whole seconds (90) or ISO 8601 in weeks, days,"
            " hours, minutes and seconds (PT5M, P1D); for calendar months use cron or rrule"
        )
        raise InvalidRecurrence(key, value, message)
    if not shortest.total_seconds() <= seconds <= longest.total_seconds():
        limits = f"{duration_in_words(shortest)} and {duration_in_words(longest)}"
        message = f"{value!r} is not between {limits}"
        raise InvalidRecurrence(key, value, message)
    return timedelta(seconds=seconds)


def _seconds(value: object) -> int | None:
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    if not isinstance(value, str):
        return None
    if re.fullmatch("[0-9]{1,12}", value):
        return int(value)
    match = _ISO_8601.fullmatch(value)
    if match is None or not any(match.groups()) or value.endswith("T"):
        return None
    return sum(
        int(count or 0) * length for count, length in zip(match.groups(), _SECONDS_IN, strict=True)
    )
