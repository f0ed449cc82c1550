"""Moments in requests that concern one time zone: without an offset they are its clock's."""

from datetime import datetime

from dueline.domain.errors import InvalidRequest
from dueline.domain.recurrence.invalid import InvalidRecurrence
from dueline.domain.recurrence.spec_values import read_instant
from dueline.domain.recurrence.zones import load_zone


def read_local_instant(
    text: str, pointer: str, timezone: str | None, *, code: str = "INVALID_TIME"
) -> datetime:
    """The moment at this place of a request, as UTC, between the years 1970 and 9997.

    `timezone`: an IANA name; None: an offset must be given. A reading that the clock skips is the
    first instant after the gap, one that it repeats is its first pass. Raises InvalidRequest.
    """
    zone = None if timezone is None else load_zone(timezone)
    try:
        return read_instant(text, pointer.removeprefix("/"), zone)
    except InvalidRecurrence as error:
        raise InvalidRequest(error.detail, code=code, pointer=pointer) from error
