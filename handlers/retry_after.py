"""The Retry-After header (RFC 9110 section 10.2.3)."""

import re
from collections.abc import Mapping
from datetime import timedelta

LONGEST = timedelta(hours=1)  # whatever a receiver asks for


def retry_after(headers: Mapping[str, str]) -> timedelta | None:
    """How long the sender of these headers asks to wait, at most LONGEST; None if it does not say.

    A date is read against the answer's own Date header: the receiver's clock sets both.
    `headers` must look names up without regard to case.
    """
    asked = headers.get("Retry-After", "").strip()
    if re.fullmatch(r"[0-9]+", asked):
        # The cut keeps thousands of digits from int(), and LONGEST decides long before.
        return min(timedelta(seconds=int(asked[:9])), LONGEST)
    from email.utils import parsedate_to_datetime  # heavy, and a date is rare

    try:
        wait = parsedate_to_datetime(asked) - parsedate_to_datetime(headers.get("Date", ""))
    except (TypeError, ValueError):  # no date, or one with a zone and one without
        return None
    return min(max(wait, timedelta(0)), LONGEST)
