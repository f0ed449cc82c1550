"""Tell the task store and the due buffer what lies in the work queue."""

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

    Most tasks are claimed as soon as they are sent. Marked a second or two later, only those that
    still wait in the work queue need a change of their row (docs/decisions/0013).
    """

    def __init__(self) -> None:
        self._old: list[_Sent] = []
        self._new: dict[Lane, list[_Sent]] = {}

    def add(self, lane: Lane, refs: Sequence[TaskRef], *, now: datetime) -> None:
        """Refs whose message the broker has just confirmed; they are in flight."""
        if not refs:
            return
        sent = self._new.setdefault(lane, [])
        if sent and now - sent[-1].at < TOGETHER and len(sent[-1].refs) < BATCH:
            sent[-1].refs.extend(refs)
        else:
            sent.append(_Sent(lane, now, list(refs)))

    def mark_older(self, *, store: Dispatching, buffer: DueBuffer) -> None:
        """Mark what was added before the last call of this. Raises as mark_sent does."""
        while self._old:
            sent = self._old[-1]
            mark_sent(sent.lane, sent.refs, at=sent.at, store=store, buffer=buffer)
            self._old.pop()
        self._old = self._take_new()

    def mark_all(self, *, store: Dispatching, buffer: DueBuffer) -> None:
        """Mark everything. Raises as mark_sent does."""
        self.mark_older(store=store, buffer=buffer)
        self.mark_older(store=store, buffer=buffer)

    def mark_without_buffer(self, *, store: Dispatching) -> None:
        """Mark everything while the buffer is down, so that it is not read from the store again.

        What the buffer still has in flight when it is back is sent once more, in vain.
        """
        self._old += self._take_new()
        while self._old:
            store.mark_queued(self._old[-1].refs, now=self._old[-1].at)
            self._old.pop()

    def _take_new(self) -> list[_Sent]:
        taken = [sent for lane in self._new.values() for sent in lane]
        self._new = {}
        return taken
