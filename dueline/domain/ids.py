"""Task ids."""

import os
from datetime import datetime
from functools import lru_cache

_VARIANT = {digit: "89ab"[int(digit, 16) & 3] for digit in "0123456789abcdef"}


def new_task_id(now: datetime, random: bytes | None = None) -> str:
    """A UUID version 7 (RFC 9562 §5.7) in canonical text form.

    Its first 48 bits are `now` in milliseconds, so that new rows go to the end of the primary
    key's index, and a list in the order of ids is in the order of creation; the last byte is
    random and is the task's slot (lanes.py).

    Written digit by digit: ten thousand ids of a batch cost a third of what uuid.UUID would take.
    """
    tail = (random or os.urandom(10)).hex()
    return f"{_beginning(now)}-7{tail[1:4]}-{_VARIANT[tail[4]]}{tail[5:8]}-{tail[8:]}"


def new_task_ids(count: int, now: datetime) -> list[str]:
    """So many, for the tasks of one request, in ascending order.

    Listed by id, the tasks lie as they were asked for; and each goes to the end of an index, and of
    what is due at the same instant, which costs the servers less than a place in the middle.
    """
    random = os.urandom(10 * count)
    return sorted([new_task_id(now, random[at : at + 10]) for at in range(0, 10 * count, 10)])


def first_id_of(instant: datetime, *, milliseconds_later: int = 0) -> str:
    """The least id that new_task_id() can make in the millisecond of an instant, or so many later;
    of 1970 for what is before."""
    return f"{_beginning(instant, milliseconds_later)}-0000-0000-000000000000"


@lru_cache(maxsize=1)  # a batch has one instant
def _beginning(instant: datetime, milliseconds_later: int = 0) -> str:
    """The milliseconds since 1970, as the first two groups of digits."""
    ms = f"{max(0, int(instant.timestamp() * 1000) + milliseconds_later):012x}"
    return f"{ms[:8]}-{ms[8:]}"
