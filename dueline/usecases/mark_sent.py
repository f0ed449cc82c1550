"""Tell the task store and the due buffer what lies in the work queue."""

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from dueline.domain.lanes import Lane
from dueline.domain.tasks import TaskRef
from dueline.due_buffer.interface import DueBuffer
from dueline.task_store.interface import Dispatching

# What was sent so soon after another of its lane is marked with it, by one statement, as sent then
TOGETHER = timedelta(milliseconds=100)
BATCH = 2_000  # ids in one statement; it may be a round of dispatch more
MARKED_AFTER = timedelta(seconds=3)  # well before the lease in flight ends


def mark_sent(
    lane: Lane, refs: Sequence[TaskRef], *, at: datetime, store: Dispatching, buffer: DueBuffer
) -> None:
    """Change what still waits to `queued`, as sent `at`, and forget all of it as in flight.

    1. Mark them in the store, where the fence still fits. A crash before this leaves them in
       flight, and they are published twice: the second message's claim finds an old fence.
    2. Take them out of flight. A crash before this does the same.
    Raises BackendUnavailable: to be repeated, which does nothing to what is marked already.
    """
    store.mark_queued(refs, now=at)
    buffer.settle(lane, refs)


@dataclass(frozen=True, slots=True)
class _Sent:
    lane: Lane
    at: datetime
    refs: list[TaskRef]


class Unmarked:
    """What a tick has sent and not marked yet.

    Most tasks are claimed soon after they are sent. Marked some seconds later, only those that
    still wait in the work queue need a change of their row (docs/decisions/0013).
    """

    def __init__(self) -> None:
        self._sent: deque[_Sent] = deque()  # the oldest first
        self._last: dict[Lane, _Sent] = {}  # of them

    def add(self, lane: Lane, refs: Sequence[TaskRef], *, now: datetime) -> None:
        """Refs whose message the broker has just confirmed; they are in flight."""
        if not refs:
            return
        last = self._last.get(lane)
        if last and now - last.at < TOGETHER and len(last.refs) < BATCH:
            last.refs.extend(refs)
        else:
            self._last[lane] = sent = _Sent(lane, now, list(refs))
            self._sent.append(sent)

    def mark_older(self, *, now: datetime, store: Dispatching, buffer: DueBuffer) -> None:
        """Mark what was sent more than MARKED_AFTER ago. Raises as mark_sent does."""
        while self._sent and now - self._sent[0].at > MARKED_AFTER:
            self._mark_oldest(store, buffer)

    def mark_all(self, *, store: Dispatching, buffer: DueBuffer) -> None:
        """Mark everything. Raises as mark_sent does."""
        self._last.clear()
        while self._sent:
            self._mark_oldest(store, buffer)

    def mark_without_buffer(self, *, store: Dispatching) -> None:
        """Mark everything while the buffer is down, so that it is not read from the store again.

        What the buffer still has in flight when it is back is sent once more, in vain.
        """
        self._last.clear()
        while self._sent:
            store.mark_queued(self._sent[0].refs, now=self._sent[0].at)
            self._sent.popleft()

    def _mark_oldest(self, store: Dispatching, buffer: DueBuffer) -> None:
        sent = self._sent[0]
        mark_sent(sent.lane, sent.refs, at=sent.at, store=store, buffer=buffer)
        self._sent.popleft()
