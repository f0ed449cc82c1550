"""What every task store promises to function `execute` about claims (interface.Executing)."""

import threading
from datetime import timedelta

import pytest

from dueline.domain.retry import Backoff, RetryPolicy
from dueline.domain.tasks import TaskRef, TaskStatus
from dueline.task_store.interface import Claimed, TaskStore
from tests.conformance.task_store_fixtures import Backing
from tests.conformance.task_store_steps import LEASE, WORKER, added, claim, due, found, running
from tests.factories import MINUTE, NOON, SECOND, make_outcome, make_task

LEAD = timedelta(milliseconds=50)


def test_a_claim_makes_a_pending_or_queued_task_run_under_a_new_fence(store: TaskStore) -> None:
    pending, queued = added(store), added(store)
    store.mark_queued([queued.ref], now=NOON)

    claimed = claim(store, pending.ref, queued.ref)

    assert {one.ref for one in claimed.claims} == {
        TaskRef(task.id, task.fence + 1) for task in (pending, queued)
    }
    for task in (pending, queued):
        now = found(store, task)
        assert (now.status, now.attempt, now.worker) == (TaskStatus.RUNNING, 1, WORKER)


def test_a_claim_brings_all_that_a_handler_needs(store: TaskStore) -> None:
    task = added(
        store,
        type="report",
        queue="slow",
        payload='{"text": "a\\nb\\tc"}',
        due_at=NOON + SECOND,
        retry=RetryPolicy(max_attempts=7, backoff=Backoff.FIXED, max_age=timedelta(hours=1)),
        timeout=timedelta(seconds=2.5),
    )

    [only] = claim(store, task.ref, now=NOON + MINUTE).claims

    assert (only.type, only.queue, only.payload) == ("report", "slow", task.payload)
    assert (only.execute_at, only.due_at) == (NOON, NOON + SECOND)
    assert (only.attempt, only.retry, only.timeout) == (1, task.retry, task.timeout)


def test_claims_of_one_batch_keep_their_own_values(store: TaskStore) -> None:
    tasks = [
        added(store, type=f"type{n}", payload=str(n), timeout=None if n % 2 else n * SECOND)
        for n in range(2, 40)
    ]

    claims = claim(store, *[task.ref for task in tasks]).claims

    assert {(c.ref.id, c.type, c.payload, c.timeout) for c in claims} == {
        (task.id, task.type, task.payload, task.timeout) for task in tasks
    }


def test_a_claim_with_an_old_fence_or_an_unknown_id_gets_nothing(store: TaskStore) -> None:
    task = added(store)

    claimed = claim(store, TaskRef(task.id, 1), make_task().ref)

    assert claimed == Claimed([], [])
    assert found(store, task) == task


def test_a_second_claim_of_the_same_message_gets_nothing(store: TaskStore) -> None:
    task = added(store)
    running(store, task)

    assert claim(store, task.ref) == Claimed([], [])
    assert found(store, task).attempt == 1


def test_a_running_or_final_task_is_not_claimed_even_under_its_own_fence(store: TaskStore) -> None:
    at_work, done = running(store, added(store)), running(store, added(store))
    store.record([make_outcome(done)], worker=WORKER)

    assert claim(store, at_work.ref, done.ref) == Claimed([], [])


def test_an_id_that_a_batch_names_twice_is_claimed_once(store: TaskStore) -> None:
    task, early = added(store), added(store, execute_at=NOON + MINUTE)

    claimed = claim(store, task.ref, early.ref, TaskRef(task.id, 5), task.ref, early.ref)

    assert [one.ref for one in claimed.claims] == [TaskRef(task.id, 1)]
    assert claimed.early == [("default", due(early))]


def test_claiming_nothing_is_fine(store: TaskStore) -> None:
    assert claim(store) == Claimed([], [])


def test_a_task_that_is_due_within_the_lead_is_claimed(store: TaskStore) -> None:
    task = added(store, execute_at=NOON + LEAD)

    [only] = claim(store, task.ref, now=NOON, until=NOON + LEAD).claims

    now = found(store, task)
    assert only.due_at == now.started_at == NOON + LEAD
    assert now.lease_until == NOON + LEAD + LEASE


def test_the_lease_of_an_overdue_task_begins_now(store: TaskStore) -> None:
    task = added(store, execute_at=NOON - MINUTE)

    running(store, task)

    now = found(store, task)
    assert (now.started_at, now.lease_until) == (NOON, NOON + LEASE)


def test_an_early_task_is_left_as_it_is_and_told_with_its_queue(store: TaskStore) -> None:
    task = added(store, queue="mail", execute_at=NOON + LEAD + timedelta(microseconds=1))
    store.mark_queued([task.ref], now=NOON)
    before = found(store, task)

    claimed = claim(store, task.ref, now=NOON, until=NOON + LEAD)

    assert claimed == Claimed(claims=[], early=[("mail", due(task))])
    assert found(store, task) == before


@pytest.mark.parametrize("until_it_expires", [timedelta(0), -SECOND])
def test_an_expired_task_is_skipped_with_the_reason(
    store: TaskStore, until_it_expires: timedelta
) -> None:
    task = added(store, execute_at=NOON - MINUTE, expires_at=NOON + until_it_expires)

    claimed = claim(store, task.ref)

    assert claimed == Claimed([], [])
    now = found(store, task)
    assert (now.status, now.finished_at, now.fence) == (TaskStatus.SKIPPED, NOON, 1)
    assert (now.error, now.attempt) == ("expired before it could start", 0)


def test_a_task_that_has_not_expired_yet_is_claimed(store: TaskStore) -> None:
    task = added(store, expires_at=NOON + timedelta(microseconds=1))

    assert len(claim(store, task.ref).claims) == 1


def test_claimed_early_expired_and_stale_are_told_apart_in_one_batch(store: TaskStore) -> None:
    fine, early = added(store), added(store, execute_at=NOON + MINUTE)
    expired, stale = added(store, expires_at=NOON), added(store)
    running(store, stale)

    claimed = claim(store, fine.ref, early.ref, expired.ref, stale.ref)

    assert [one.ref.id for one in claimed.claims] == [fine.id]
    assert claimed.early == [("default", due(early))]
    assert found(store, expired).status is TaskStatus.SKIPPED


def test_of_several_that_claim_the_same_tasks_each_task_has_one_winner(
    store: TaskStore, backing: Backing
) -> None:
    tasks = [added(store) for _ in range(100)]
    refs = [task.ref for task in tasks]
    start = threading.Barrier(4)
    won: list[str] = []

    def race(client: TaskStore, refs: list[TaskRef]) -> None:
        start.wait()
        won.extend(one.ref.id for one in claim(client, *refs).claims)

    clients = [backing.another() for _ in range(4)]
    threads = [
        threading.Thread(target=race, args=(client, refs[:: -1 if index % 2 else 1]))
        for index, client in enumerate(clients)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(won) == sorted(task.id for task in tasks)


def test_renewing_lengthens_the_lease_of_what_is_still_ours(store: TaskStore) -> None:
    task = added(store)
    ours = running(store, task)

    renewed = store.renew([ours.ref], now=NOON + SECOND, lease=LEASE)

    assert renewed == ({task.id}, set())
    assert found(store, task).lease_until == NOON + SECOND + LEASE


def test_renewing_never_shortens_a_lease(store: TaskStore) -> None:
    task = added(store)
    ours = running(store, task)

    renewed = store.renew([ours.ref], now=NOON, lease=SECOND)

    assert renewed.held == {task.id}
    assert found(store, task).lease_until == NOON + LEASE


def test_what_is_not_ours_or_not_running_is_not_renewed(store: TaskStore) -> None:
    done, stale, waiting = added(store), added(store), added(store)
    finished = running(store, done)
    store.record([make_outcome(finished)], worker=WORKER)
    running(store, stale)

    renewed = store.renew(
        [finished.ref, stale.ref, waiting.ref, make_task().ref], now=NOON, lease=LEASE
    )

    assert renewed == (set(), set())


def test_renewing_nothing_is_fine(store: TaskStore) -> None:
    assert store.renew([], now=NOON, lease=LEASE) == (set(), set())


def test_renewing_tells_what_someone_asked_to_cancel(store: TaskStore) -> None:
    called_off, wanted = running(store, added(store)), running(store, added(store))
    store.cancel("default", [called_off.ref.id], now=NOON)

    renewed = store.renew([called_off.ref, wanted.ref], now=NOON, lease=LEASE)

    assert renewed == ({called_off.ref.id, wanted.ref.id}, {called_off.ref.id})
