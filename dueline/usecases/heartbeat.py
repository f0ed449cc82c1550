"""Say that a tick is at work, and what it did."""

import logging
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from dueline.domain.lanes import Lane
from dueline.metrics import emf
from dueline.stats_store.interface import Keeping

log = logging.getLogger(__name__)

BEAT_EVERY = timedelta(seconds=15)  # a few to spare before a lane counts as silent
FOLDED_AT_ONCE = 10_000
MOST_FOLDS = 20  # in one beat; what is left waits for the next


class Heartbeat:
    """Of one tick. `done` is what it has done so far, by kind."""

    def __init__(self, lanes: Sequence[Lane], *, stats: Keeping, namespace: str) -> None:
        self._lanes = [lane.name for lane in lanes]
        self._stats = stats
        self._namespace = namespace
        self._told: Mapping[str, int] = {}
        self._at: datetime | None = None

    def in_time(self, done: Mapping[str, int], *, now: datetime) -> None:
        """To be called often. Raises BackendUnavailable.

        1. Write the beat, and what was done since the last one. If the answer is lost, that is
           written again: these numbers are for people.
        2. Fold what has changed into the counts of tasks. A crash before it leaves more to fold.
        """
        if self._at is None or now - self._at >= BEAT_EVERY:
            self._beat(done, now)

    def last(self, done: Mapping[str, int], *, now: datetime) -> None:
        """The same at the tick's end, whenever the last one was."""
        self._beat(done, now)

    def _beat(self, done: Mapping[str, int], now: datetime) -> None:
        since = {kind: number - self._told.get(kind, 0) for kind, number in done.items()}
        self._stats.beat(self._lanes, now=now, counters=since)
        self._told, self._at = dict(done), now
        for _ in range(MOST_FOLDS):
            if self._stats.fold(now=now, limit=FOLDED_AT_ONCE) < FOLDED_AT_ONCE:
                break
        if self._namespace:
            log.info("tick", extra=emf(self._namespace, since, now=now))
