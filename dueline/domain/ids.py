"""Task ids."""

import os
from datetime import datetime
from functools import lru_cache

FIRST_ID = "00000000-0000-0000-0000-000000000000"  # in the order of ids: no task has these two
LAST_ID = "ffffffff-ffff-ffff-ffff-ffffffffffff"

_VARIANT = {digit: "89ab"[int(digit, 16) & 3] for digit in "0123456789abcdef"}


def new_task_id(now: datetime, random: bytes | None = None) -> str:
    """A UUID version 7 (RFC 9562 §5.7) in canonical text form.

    Its first 48 bits are `now` in milliseconds, so that new rows go to the end of the primary
    key's index, and a list in the order of ids is in the order of creation; the last byte is
    random and is the task's slot (lanes.py).

    Written digit by digit: ten thousand ids of a batch cost a third of what uuid.UUID would take.
    """
    return _id(_beginning(now), (random or os.urandom(10)).hex())


def new_task_ids(count: int, now: datetime) -> list[str]:
    """So many, for the tasks of one request, in ascending order.

    Listed by id, the tasks lie as they were asked for; and each goes to the end of an index, and of
    what is due at the same instant, which costs the servers less than a place in the middle.
    """
    beginning, random = _beginning(now), os.urandom(10 * count).hex()
    return sorted([_id(beginning, random[at : at + 20]) for at in range(0, 20 * count, 20)])


def first_id_of(instant: datetime, *, milliseconds_later: int = 0) -> str:
    """The least id that new_task_id() can make in the millisecond of an instant, or so many later;
    of 1970 for what is before."""
    return f"{_beginning(instant, milliseconds_later)}-0000-0000-000000000000"


def _id(beginning: str, random: str) -> str:
    """From the first 12 digits and 20 random ones, two of which give way to version and variant."""
    return f"{beginning}-7{random[1:4]}-{_VARIANT[random[4]]}{random[5:8]}-{random[8:]}"


@lru_cache(maxsize=1)  # a batch has one instant
def _beginning(instant: datetime, milliseconds_later: int = 0) -> str:
    """The milliseconds since 1970, as the first two groups of digits."""
    ms = f"{max(0, int(instant.timestamp() * 1000) + milliseconds_later):012x}"
    return f"{ms[:8]}-{ms[8:]}"
