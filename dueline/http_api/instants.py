"""Moments in requests and answers: RFC 3339."""

import re
from datetime import UTC, datetime

from dueline.domain.errors import InvalidRequest

_LOCAL = r"[0-9]{4}-[0-9]{2}-[0-9]{2}[Tt ](?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-9]{2}(?:\.[0-9]{1,9})?"
_OFFSET = r"(?:[Zz]|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])"
_RFC_3339 = re.compile(_LOCAL + _OFFSET)
_NAIVE = re.compile(_LOCAL)


def parse_instant(text: str) -> datetime:
    """Read an RFC 3339 date-time into UTC, to the microsecond (digits after it are dropped).

    Leap seconds are refused, since POSIX time cannot name them. Raises ValueError with a sentence
    for the caller.
    """
    if not _RFC_3339.fullmatch(text):
        if _NAIVE.fullmatch(text):
            raise ValueError(
                "This time has no UTC offset; write 2026-01-01T09:00:00Z or +01:00 at its end."
            )
        raise ValueError("Want an RFC 3339 time, such as 2026-01-01T09:00:00Z.")
    try:
        return datetime.fromisoformat(text.upper()).astimezone(UTC)
    except ValueError as error:
        if ":60" in text:
            raise ValueError(
                "Leap seconds cannot be scheduled; write :59 or the next :00."
            ) from error
        raise ValueError(f"There is no such time: {error}.") from error
    except OverflowError as error:
        raise ValueError("In UTC this is outside the years 1 to 9999.") from error


def read_instant(text: str, pointer: str) -> datetime:
    """The moment at this place of a request. Raises InvalidRequest."""
    try:
        return parse_instant(text)
    except ValueError as error:
        raise InvalidRequest(str(error), code="INVALID_TIME", pointer=pointer) from error


def rfc_3339(instant: datetime) -> str:
    """UTC, with microseconds: 2026-01-01T09:00:00.000000Z."""
    text = instant.astimezone(UTC).isoformat(timespec="microseconds")
    return text.removesuffix("+00:00") + "Z"


def rfc_3339_or_null(instant: datetime | None) -> str | None:
    return None if instant is None else rfc_3339(instant)
