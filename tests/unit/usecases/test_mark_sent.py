"""When a tick marks what it has sent."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from dueline.domain.errors import BackendUnavailable
from dueline.domain.lanes import Lane
from dueline.domain.tasks import DEFAULT_TENANT, DuePlace, DueTask, Task, TaskRef, TaskStatus
from dueline.due_buffer.memory import MemoryDueBuffer
from dueline.task_store.memory import MemoryTaskStore
from dueline.usecases.mark_sent import BATCH, MARKED_AFTER, Unmarked
from tests.factories import NOON, SECOND, make_task
from tests.unit.usecases.unsteady import Unsteady

LANE = Lane("default", 0, 1)
LATER = NOON + MARKED_AFTER + timedelta(microseconds=1)


class Sender:
    """Tasks in flight whose messages are confirmed."""

    def __init__(self, count: int = 1) -> None:
        self.store, self.buffer, self.unmarked = (
            MemoryTaskStore(),
            MemoryDueBuffer(lambda: NOON),
            Unmarked(),
        )
        self.buffer.move_watermark(LANE, old=None, new=DuePlace(NOON))
        self.refs = self.send(count)

    def send(self, count: int, *, now: datetime = NOON) -> list[TaskRef]:
        tasks = [make_task() for _ in range(count)]
        self.store.add(tasks)
        self.buffer.put(LANE, [DueTask(task.ref, task.due_at) for task in tasks])
        refs = self.buffer.lease_due(LANE, until=NOON, lease=30 * SECOND, limit=count)
        self.unmarked.add(LANE, refs, now=now)
        return refs

    def look_around(self, now: datetime, store: Any = None) -> None:
        self.unmarked.mark_older(now=now, store=store or self.store, buffer=self.buffer)

    def task(self, ref: TaskRef) -> Task:
        task = self.store.get(DEFAULT_TENANT, ref.id)
        assert task is not None
        return task

    def status(self, ref: TaskRef) -> TaskStatus:
        return self.task(ref).status


class Counting:
    """How many ids each statement got."""

    def __init__(self, store: MemoryTaskStore) -> None:
        self._store = store
        self.sizes: list[int] = []

    def mark_queued(self, refs: list[TaskRef], *, now: datetime) -> int:
        self.sizes.append(len(refs))
        return self._store.mark_queued(refs, now=now)


def test_what_was_sent_just_now_is_left_to_be_claimed() -> None:
    sender = Sender()

    sender.look_around(NOON + MARKED_AFTER)

    assert sender.status(sender.refs[0]) is TaskStatus.PENDING
    assert sender.buffer.in_flight(LANE) == 1


def test_what_still_waits_some_seconds_later_is_marked_and_no_longer_in_flight() -> None:
    sender = Sender()
    later = sender.send(1, now=NOON + SECOND)

    sender.look_around(LATER)

    assert sender.status(sender.refs[0]) is TaskStatus.QUEUED
    assert sender.status(later[0]) is TaskStatus.PENDING
    assert sender.buffer.in_flight(LANE) == 1


def test_what_was_claimed_meanwhile_is_only_taken_out_of_flight() -> None:
    sender = Sender()
    sender.store.claim(sender.refs, now=NOON, until=NOON, lease=60 * SECOND, worker="here")

    sender.look_around(LATER)

    assert sender.status(sender.refs[0]) is TaskStatus.RUNNING
    assert sender.buffer.in_flight(LANE) == 0


def test_a_task_is_marked_with_the_time_when_it_was_sent_to_a_tenth_of_a_second() -> None:
    sender = Sender()
    moments = [NOON + n * timedelta(milliseconds=60) for n in range(1, 3)]
    refs = [sender.refs[0], *(ref for now in moments for ref in sender.send(1, now=now))]

    sender.unmarked.mark_all(store=sender.store, buffer=sender.buffer)

    assert [sender.task(ref).queued_at for ref in refs] == [NOON, NOON, moments[1]]
    assert sender.buffer.in_flight(LANE) == 0


def test_no_statement_marks_many_rounds_of_dispatch() -> None:
    sender = Sender(BATCH)
    sender.send(1)
    calls: Any = Counting(sender.store)

    sender.unmarked.mark_all(store=calls, buffer=sender.buffer)

    assert calls.sizes == [BATCH, 1]


def test_what_the_store_did_not_answer_for_is_marked_the_next_time() -> None:
    sender = Sender()
    silent = Unsteady(sender.store, "postgres", unanswered={"mark_queued": 1})

    with pytest.raises(BackendUnavailable):
        sender.look_around(LATER, silent)
    assert sender.buffer.in_flight(LANE) == 1
    sender.look_around(LATER, silent)

    assert sender.status(sender.refs[0]) is TaskStatus.QUEUED
    assert sender.buffer.in_flight(LANE) == 0


def test_without_the_buffer_all_is_marked_and_forgotten() -> None:
    sender = Sender()
    later = sender.send(1, now=NOON + SECOND)

    sender.unmarked.mark_without_buffer(store=sender.store)

    assert {sender.status(ref) for ref in (*sender.refs, *later)} == {TaskStatus.QUEUED}
    assert sender.buffer.in_flight(LANE) == 2, "it cannot be asked; these leases end by themselves"


def test_what_is_sent_after_everything_was_marked_is_marked_too() -> None:
    sender = Sender()
    sender.unmarked.mark_all(store=sender.store, buffer=sender.buffer)
    later = sender.send(1)

    sender.look_around(LATER)

    assert sender.status(later[0]) is TaskStatus.QUEUED
