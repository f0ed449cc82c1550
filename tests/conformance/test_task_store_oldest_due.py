"""What every task store promises to the gauge of function `tick` (interface.Dispatching)."""

from dueline.task_store.interface import TaskStore
from tests.conformance.task_store_steps import added, due, running
from tests.factories import MINUTE, NOON, SECOND

LATER = NOON + MINUTE


def test_nothing_is_past_due_in_a_queue_without_tasks(store: TaskStore) -> None:
    added(store, queue="mail")

    assert store.oldest_due("default", now=LATER) is None


def test_a_task_is_past_due_only_after_its_due_time(store: TaskStore) -> None:
    task = added(store)

    assert store.oldest_due("default", now=NOON) is None
    assert store.oldest_due("default", now=NOON + SECOND) == due(task)


def test_the_oldest_pending_task_is_the_one_that_was_due_first(store: TaskStore) -> None:
    added(store, execute_at=NOON + SECOND)
    first = added(store)
    added(store, execute_at=NOON + 2 * SECOND)

    assert store.oldest_due("default", now=LATER) == due(first)


def test_a_task_in_the_work_queue_waits_too(store: TaskStore) -> None:
    task = added(store)
    added(store, execute_at=NOON + SECOND)
    store.mark_queued([task.ref], now=NOON)

    assert store.oldest_due("default", now=LATER) == due(task)


def test_of_the_tasks_in_the_work_queue_the_one_sent_first_counts(store: TaskStore) -> None:
    sent_first, older = added(store, execute_at=NOON + SECOND), added(store)
    store.mark_queued([sent_first.ref], now=NOON + SECOND)
    store.mark_queued([older.ref], now=NOON + 2 * SECOND)

    assert store.oldest_due("default", now=LATER) == due(sent_first)


def test_the_one_sent_first_does_not_hide_an_older_one_that_was_not_sent(store: TaskStore) -> None:
    sent = added(store, execute_at=NOON + SECOND)
    store.mark_queued([sent.ref], now=NOON + SECOND)
    pending = added(store)

    assert store.oldest_due("default", now=LATER) == due(pending)


def test_what_was_sent_ahead_of_its_time_is_not_past_due(store: TaskStore) -> None:
    task = added(store)
    store.mark_queued([task.ref], now=NOON - SECOND)

    assert store.oldest_due("default", now=NOON) is None


def test_a_running_task_waits_no_longer(store: TaskStore) -> None:
    running(store, added(store))

    assert store.oldest_due("default", now=LATER) is None
