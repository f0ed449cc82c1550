"""What a schedule may choose about daylight saving and jitter."""

from enum import StrEnum


class DstGap(StrEnum):
    """What becomes of a fixed time that the clock jumps over."""

    SHIFT = "shift"  # all such times together run once, at the first instant after the gap
    SKIP = "skip"  # they do not run


class DstOverlap(StrEnum):
    """At which pass a fixed time runs that the clock reads twice."""

    FIRST = "first"
    SECOND = "second"
    BOTH = "both"


class JitterMode(StrEnum):
    """How the delay within the jitter is chosen."""

    HASH = "hash"  # one delay per schedule, the same for each of its occurrences
    RANDOM = "random"  # one delay per occurrence, the same whenever it is asked for
