"""The delay that spreads schedules which would all run at the same moment."""

from datetime import datetime, timedelta
from hashlib import blake2b

from dueline.domain.recurrence.policies import JitterMode
from dueline.domain.recurrence.rule import RecurrenceRule

_MILLISECOND = timedelta(milliseconds=1)


def due_at(rule: RecurrenceRule, occurrence: datetime) -> datetime:
    """When an occurrence is to start: its nominal instant plus a delay in [0, jitter).

    The occurrence keeps its nominal instant as its name (`occurrence_at`); next_after() knows
    nothing of jitter, and a chain of occurrences is the same with and without it. The delay is a
    whole number of milliseconds, computed from the rule's seed (and, for random jitter, from the
    occurrence), so that whoever asks again gets the same answer. With random jitter that is
    longer than the distance of two occurrences, the second may be due before the first.
    `ends_at` bounds the occurrence, not the instant at which it is due.
    """
    width = rule.jitter // _MILLISECOND
    if width == 0:
        return occurrence
    key = rule.seed
    if rule.jitter_mode is JitterMode.RANDOM:
        key = f"{key}|{occurrence.isoformat()}"
    number = int.from_bytes(blake2b(key.encode(), digest_size=8).digest(), "big")
    return occurrence + number % width * _MILLISECOND
