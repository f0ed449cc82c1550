"""Bits of English that several sentences need."""

from collections.abc import Iterable
from datetime import timedelta

_UNITS = {"week": 604_800, "day": 86_400, "hour": 3_600, "minute": 60, "second": 1}


def joined(words: Iterable[str]) -> str:
    """Such as "Monday, Tuesday and Friday"."""
    *rest, last = words
    return f"{', '.join(rest)} and {last}" if rest else last


def counted(count: int, noun: str) -> str:
    """Such as "1 run" and "3 runs"."""
    return f"{count:,} {noun}" if count == 1 else f"{count:,} {noun}s"


def duration_in_words(duration: timedelta) -> str:
    """Such as "1 day 30 minutes", in whole seconds."""
    words = []
    rest = int(duration.total_seconds())
    for unit, length in _UNITS.items():
        count, rest = divmod(rest, length)
        if count:
            words.append(counted(count, unit))
    return " ".join(words) or "0 seconds"
