"""What every task store promises to the sweeps of function `tick` (interface.Dispatching)."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from dueline.domain.lanes import Lane
from dueline.domain.retry import RetryPolicy
from dueline.domain.tasks import DueTask, Task, TaskRef, TaskStatus
from dueline.task_store.interface import TaskStore
from tests.conformance.task_store_steps import (
    LANE,
    LEASE,
    WORKER,
    added,
    claim,
    due,
    found,
    running,
)
from tests.factories import MINUTE, NOON, SECOND, make_outcome, make_task_id

LOST = NOON + LEASE + SECOND


def queued(store: TaskStore, *, at: datetime = NOON, **overrides: Any) -> Task:
    task = added(store, **overrides)
    store.mark_queued([task.ref], now=at)
    return task


def test_a_task_queued_before_a_time_is_pending_again_under_a_new_fence(store: TaskStore) -> None:
    task = queued(store)
    before = NOON + SECOND

    assert store.has_unclaimed(LANE, queued_before=before)
    reset = store.reset_unclaimed(LANE, queued_before=before, limit=10)

    assert reset == [DueTask(TaskRef(task.id, task.fence + 1), task.due_at)]
    assert due(found(store, task)) == reset[0]
    assert found(store, task).status is TaskStatus.PENDING
    assert found(store, task).queued_at is None


def test_the_message_of_a_task_that_was_reset_claims_nothing(store: TaskStore) -> None:
    task = queued(store)
    store.reset_unclaimed(LANE, queued_before=NOON + SECOND, limit=10)

    assert claim(store, task.ref) == ([], [])


def test_tasks_queued_later_or_in_another_lane_are_not_reset(store: TaskStore) -> None:
    queued(store, at=NOON)
    queued(store, at=NOON - SECOND, queue="mail")
    queued(store, at=NOON - SECOND, id=make_task_id(slot=200))
    lane = Lane("default", 0, 2)

    assert not store.has_unclaimed(lane, queued_before=NOON)
    assert store.reset_unclaimed(lane, queued_before=NOON, limit=10) == []


def test_pending_and_running_tasks_are_not_reset(store: TaskStore) -> None:
    running(store, queued(store))
    added(store)

    assert not store.has_unclaimed(LANE, queued_before=NOON + MINUTE)
    assert store.reset_unclaimed(LANE, queued_before=NOON + MINUTE, limit=10) == []


def test_a_reset_ends_at_its_limit_and_the_next_one_takes_the_rest(store: TaskStore) -> None:
    tasks = [queued(store) for _ in range(3)]

    resets = [store.reset_unclaimed(LANE, queued_before=NOON + SECOND, limit=2) for _ in range(3)]

    assert [len(reset) for reset in resets] == [2, 1, 0]
    assert {task.ref.id for reset in resets for task in reset} == {task.id for task in tasks}


def test_a_task_whose_lease_ran_out_is_pending_and_due_now_under_a_new_fence(
    store: TaskStore,
) -> None:
    task = added(store, queue="mail")
    lost = running(store, task)

    again = store.end_lost_leases(now=LOST, limit=10)

    assert again == [("mail", DueTask(TaskRef(task.id, lost.ref.fence + 1), LOST))]
    now = found(store, task)
    assert (now.status, now.due_at, now.attempt) == (TaskStatus.PENDING, LOST, 1)
    assert now.lease_until is None
    assert now.error is not None
    assert "lease lost" in now.error


def test_a_lost_lease_leaves_a_row_of_attempts(store: TaskStore) -> None:
    task = added(store)
    running(store, task)

    store.end_lost_leases(now=LOST, limit=10)

    [attempt] = store.attempts(task.tenant, task.id)
    assert (attempt.attempt, attempt.outcome, attempt.worker) == (1, "lease_lost", WORKER)
    assert (attempt.started_at, attempt.ended_at) == (NOON, LOST)


def test_a_lease_that_ends_now_is_not_lost_yet(store: TaskStore) -> None:
    task = added(store)
    running(store, task)

    assert store.end_lost_leases(now=NOON + LEASE, limit=10) == []
    assert found(store, task).status is TaskStatus.RUNNING


def test_a_task_that_lost_its_last_attempt_is_failed(store: TaskStore) -> None:
    task = added(store, retry=RetryPolicy(max_attempts=1))
    lost = running(store, task)

    again = store.end_lost_leases(now=LOST, limit=10)

    assert again == []
    now = found(store, task)
    assert (now.status, now.finished_at) == (TaskStatus.FAILED, LOST)
    assert now.fence == lost.ref.fence + 1
    assert len(store.attempts(task.tenant, task.id)) == 1


@pytest.mark.parametrize(
    ("max_age", "status"),
    [(LOST - NOON, TaskStatus.PENDING), (LOST - NOON - SECOND, TaskStatus.FAILED)],
)
def test_a_task_that_lost_its_lease_after_its_max_age_is_failed(
    store: TaskStore, max_age: timedelta, status: TaskStatus
) -> None:
    task = added(store, retry=RetryPolicy(max_age=max_age))
    running(store, task)

    store.end_lost_leases(now=LOST, limit=10)

    assert found(store, task).status is status


def test_a_sweep_of_leases_ends_at_its_limit_and_the_next_one_takes_the_rest(
    store: TaskStore,
) -> None:
    tasks = [added(store) for _ in range(3)]
    for task in tasks:
        running(store, task)

    sweeps = [store.end_lost_leases(now=LOST, limit=2) for _ in range(3)]

    assert [len(sweep) for sweep in sweeps] == [2, 1, 0]
    assert {task.ref.id for sweep in sweeps for _, task in sweep} == {task.id for task in tasks}


def test_whoever_lost_the_lease_can_write_nothing_any_more(store: TaskStore) -> None:
    task = added(store)
    lost = running(store, task)
    store.end_lost_leases(now=LOST, limit=10)

    renewed = store.renew([lost.ref], now=LOST, lease=LEASE)
    recorded = store.record([make_outcome(lost)], worker=WORKER)

    assert (renewed.held, recorded) == (set(), set())
    assert found(store, task).status is TaskStatus.PENDING


def test_a_task_that_was_never_seen_to_start_has_no_first_start(store: TaskStore) -> None:
    task = added(store)
    running(store, task)

    store.end_lost_leases(now=LOST, limit=10)

    assert found(store, task).lateness is None
