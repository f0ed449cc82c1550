"""What every task store promises about cancel, retry and edit (interface.Managing)."""

import json
from datetime import timedelta

import pytest

from dueline.domain.retry import RetryPolicy
from dueline.domain.task_edit import TaskEdit
from dueline.domain.tasks import DueTask, Task, TaskRef, TaskStatus
from dueline.task_store.interface import TaskStore
from tests.conformance.task_store_steps import LANE, WORKER, added, claim, found, running
from tests.factories import MINUTE, NOON, SECOND, make_outcome, make_task

TENANT = "default"
LATER = NOON + 10 * MINUTE
ONCE = RetryPolicy(max_attempts=1)


def failed(store: TaskStore, task: Task, *, error: str = "broken") -> Task:
    """The task after its only attempt."""
    outcome = make_outcome(running(store, task), status=TaskStatus.FAILED, error=error)
    store.record([outcome], worker=WORKER)
    return found(store, task)


def tried_once(store: TaskStore) -> Task:
    """A task that failed once and waits to be tried again."""
    task = added(store)
    outcome = make_outcome(
        running(store, task), status=TaskStatus.PENDING, due_at=NOON + MINUTE, error="once"
    )
    store.record([outcome], worker=WORKER)
    return found(store, task)


def test_what_waits_is_cancelled_and_never_starts(store: TaskStore) -> None:
    pending, queued = added(store), added(store)
    store.mark_queued([queued.ref], now=NOON)

    changed = store.cancel(TENANT, [pending.id, queued.id], now=NOON + SECOND)

    assert changed == dict.fromkeys([pending.id, queued.id], TaskStatus.CANCELLED)
    for task in (pending, queued):
        now = found(store, task)
        assert (now.status, now.fence) == (TaskStatus.CANCELLED, task.fence + 1)
        assert now.finished_at == NOON + SECOND
        assert claim(store, task.ref, now.ref) == ([], [])


def test_what_runs_is_marked_and_goes_on(store: TaskStore) -> None:
    task = added(store)
    ours = running(store, task)

    changed = store.cancel(TENANT, [task.id], now=NOON)

    now = found(store, task)
    assert changed == {task.id: TaskStatus.RUNNING}
    assert (now.status, now.ref, now.cancel_requested) == (TaskStatus.RUNNING, ours.ref, True)
    assert store.record([make_outcome(ours)], worker=WORKER) == {task.id}
    assert found(store, task).status is TaskStatus.COMPLETED


def test_what_was_to_be_tried_again_is_cancelled_instead(store: TaskStore) -> None:
    task = added(store)
    ours = running(store, task)
    store.cancel(TENANT, [task.id], now=NOON)
    again = make_outcome(ours, status=TaskStatus.PENDING, due_at=LATER, error="broken")

    for _ in range(2):  # also when the answer was lost
        assert store.record([again], worker=WORKER) == {task.id}

    now = found(store, task)
    assert (now.status, now.finished_at) == (TaskStatus.CANCELLED, again.ended_at)
    assert (now.attempt, now.error) == (1, "broken")
    assert [attempt.error for attempt in store.attempts(TENANT, task.id)] == ["broken"]


def test_what_was_given_back_is_cancelled_without_an_attempt(store: TaskStore) -> None:
    task = added(store)
    ours = running(store, task)
    store.cancel(TENANT, [task.id], now=NOON)
    given_back = make_outcome(
        ours, status=TaskStatus.PENDING, due_at=NOON, started_at=None, ended_at=NOON
    )

    assert store.record([given_back], worker=WORKER) == {task.id}

    now = found(store, task)
    assert (now.status, now.attempt, now.first_started_at) == (TaskStatus.CANCELLED, 0, None)
    assert store.attempts(TENANT, task.id) == []


def test_a_failure_for_good_stays_a_failure(store: TaskStore) -> None:
    task = added(store)
    ours = running(store, task)
    store.cancel(TENANT, [task.id], now=NOON)

    store.record([make_outcome(ours, status=TaskStatus.FAILED, error="x")], worker=WORKER)

    assert found(store, task).status is TaskStatus.FAILED


def test_a_lost_lease_of_what_was_called_off_ends_it(store: TaskStore) -> None:
    task = added(store)
    running(store, task)
    store.cancel(TENANT, [task.id], now=NOON)

    again = store.end_lost_leases(now=LATER, limit=9)

    now = found(store, task)
    assert again == []
    assert (now.status, now.finished_at) == (TaskStatus.CANCELLED, LATER)
    assert [attempt.outcome for attempt in store.attempts(TENANT, task.id)] == ["lease_lost"]


def test_what_has_ended_is_not_cancelled(store: TaskStore) -> None:
    broken = failed(store, added(store, retry=ONCE))

    assert store.cancel(TENANT, [broken.id, make_task().id], now=NOON) == {}
    assert found(store, broken) == broken


def test_a_failed_task_is_pending_again_with_leave_for_one_attempt_more(store: TaskStore) -> None:
    broken = failed(store, added(store, retry=ONCE, expires_at=NOON + SECOND))

    again = store.retry(TENANT, [broken.id], now=LATER)

    now = found(store, broken)
    assert again == [("default", DueTask(TaskRef(broken.id, broken.fence + 1), LATER))]
    assert (now.status, now.due_at, now.finished_at) == (TaskStatus.PENDING, LATER, None)
    assert (now.attempt, now.retry.max_attempts, now.expires_at) == (1, 2, None)
    assert claim(store, now.ref, now=LATER).claims[0].attempt == 2


def test_attempts_that_are_left_and_an_expiry_to_come_are_kept(store: TaskStore) -> None:
    expires_at = LATER + MINUTE
    broken = failed(store, added(store, retry=RetryPolicy(max_attempts=9), expires_at=expires_at))

    store.retry(TENANT, [broken.id], now=LATER)

    now = found(store, broken)
    assert (now.retry.max_attempts, now.expires_at) == (9, expires_at)


def test_only_what_failed_is_retried(store: TaskStore) -> None:
    pending, cancelled = added(store), added(store)
    store.cancel(TENANT, [cancelled.id], now=NOON)

    assert store.retry(TENANT, [pending.id, cancelled.id, make_task().id], now=NOON) == []


def test_a_task_that_waits_is_moved_and_changed(store: TaskStore) -> None:
    policy = RetryPolicy(max_age=timedelta(hours=1))
    task = added(store, retry=policy)
    store.mark_queued([task.ref], now=NOON)
    edit = TaskEdit(execute_at=LATER, payload='{"new": true}', queue="slow")

    edited = store.edit(TENANT, {task.id: task.fence}, edit, now=NOON)

    now = found(store, task)
    assert edited == [("slow", DueTask(TaskRef(task.id, task.fence + 1), LATER))]
    assert (now.status, now.execute_at, now.due_at) == (TaskStatus.PENDING, LATER, LATER)
    assert (json.loads(now.payload), now.queue) == ({"new": True}, "slow")
    assert (now.queued_at, now.retry) == (None, policy)
    assert claim(store, task.ref, now=LATER) == ([], [])


def test_an_edit_without_a_time_leaves_the_times(store: TaskStore) -> None:
    task = added(store, due_at=NOON + SECOND)

    store.edit(TENANT, {task.id: None}, TaskEdit(payload="7"), now=LATER)

    now = found(store, task)
    assert (now.payload, now.execute_at, now.due_at) == ("7", NOON, NOON + SECOND)


def test_a_time_that_has_passed_means_at_once(store: TaskStore) -> None:
    task = added(store)

    store.edit(TENANT, {task.id: None}, TaskEdit(execute_at=NOON - MINUTE), now=LATER)

    now = found(store, task)
    assert (now.execute_at, now.due_at) == (NOON - MINUTE, LATER)


def test_what_began_once_keeps_the_moment_that_was_asked_for(store: TaskStore) -> None:
    task = tried_once(store)

    store.edit(TENANT, {task.id: None}, TaskEdit(execute_at=LATER), now=NOON)

    now = found(store, task)
    assert (now.execute_at, now.due_at, now.attempt) == (NOON, LATER, 1)


@pytest.mark.parametrize("fence", [1, 7])
def test_an_edit_of_what_was_seen_under_another_fence_changes_nothing(
    store: TaskStore, fence: int
) -> None:
    task = added(store)

    assert store.edit(TENANT, {task.id: fence}, TaskEdit(payload="7"), now=NOON) == []
    assert found(store, task) == task


def test_what_runs_or_has_ended_is_not_edited(store: TaskStore) -> None:
    runs, broken = added(store), failed(store, added(store, retry=ONCE))
    running(store, runs)

    edited = store.edit(TENANT, {runs.id: None, broken.id: None}, TaskEdit(queue="q"), now=NOON)

    assert edited == []


def test_nobody_changes_a_task_of_another_tenant(store: TaskStore) -> None:
    task, runs = added(store), added(store)
    running(store, runs)
    broken = failed(store, added(store, retry=ONCE))

    ids = [task.id, runs.id, broken.id]
    assert store.cancel("other", ids, now=NOON) == {}
    assert store.retry("other", ids, now=NOON) == []
    assert store.edit("other", dict.fromkeys(ids), TaskEdit(queue="q"), now=NOON) == []
    assert found(store, task) == task
    assert not found(store, runs).cancel_requested


def test_an_edited_task_is_found_by_the_refill(store: TaskStore) -> None:
    task = added(store)
    store.mark_queued([task.ref], now=NOON)

    store.edit(TENANT, {task.id: None}, TaskEdit(execute_at=LATER), now=NOON)

    [pending] = store.pending_page(LANE, after=None, until=LATER, limit=9)
    assert pending == DueTask(TaskRef(task.id, task.fence + 1), LATER)


def test_many_are_changed_at_once(store: TaskStore) -> None:
    tasks = [make_task() for _ in range(300)]
    store.add(tasks)

    moved = store.edit(
        TENANT, dict.fromkeys(task.id for task in tasks), TaskEdit(execute_at=LATER), now=NOON
    )
    cancelled = store.cancel(TENANT, [task.id for task in tasks], now=NOON)

    assert {task.ref.id for _, task in moved} == set(cancelled) == {task.id for task in tasks}
