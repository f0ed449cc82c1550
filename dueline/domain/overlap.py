"""What becomes of an occurrence whose time has come while another of its schedule is active.

Active is one that runs, or that failed and is to be tried again. It is decided when the
occurrence is claimed, by the row that it finds (task_store/sql/claim.sql).
"""

from datetime import datetime, timedelta
from enum import StrEnum

SHORTEST_TURN = timedelta(seconds=1)
LONGEST_TURN = timedelta(seconds=15)

STILL_ACTIVE = "overlap: another occurrence was still active (overlap: skip)"
ONE_WAITS = "overlap: an earlier occurrence waits already (overlap: buffer_one)"


class Overlap(StrEnum):
    """A policy. Only occurrences with another than ALLOW keep each other from running."""

    ALLOW = "allow"  # it runs beside the others
    SKIP = "skip"  # it is skipped
    BUFFER_ONE = "buffer_one"  # it waits; it is skipped if an earlier one waits
    BUFFER_ALL = "buffer_all"  # it waits, however many do


def next_turn(now: datetime, execute_at: datetime) -> datetime:
    """When one that waits is claimed again: after a tenth of the time for which it has waited."""
    return now + min(max((now - execute_at) / 10, SHORTEST_TURN), LONGEST_TURN)
