"""What every task store promises to function `execute` about outcomes (interface.Executing)."""

from datetime import timedelta

import pytest

from dueline.domain.outcomes import Outcome, failed, given_back
from dueline.domain.retry import RetryPolicy
from dueline.domain.tasks import Claim, TaskRef, TaskStatus
from dueline.task_store.interface import TaskStore
from tests.conformance.task_store_fixtures import Backing
from tests.conformance.task_store_steps import WORKER, added, due, found, running, statuses
from tests.factories import MINUTE, NOON, SECOND, make_claim, make_outcome


def failure(claim: Claim, *, error: str = "the mailbox is full", chance: float = 0.5) -> Outcome:
    return failed(
        claim,
        started_at=NOON,
        ended_at=NOON + SECOND,
        cause=RuntimeError(error),
        error=error,
        chance=chance,
    )


def test_a_completed_task_is_final_with_its_result(store: TaskStore) -> None:
    task = added(store)
    claim = running(store, task)
    outcome = make_outcome(claim, started_at=NOON + SECOND, ended_at=NOON + MINUTE)

    recorded = store.record([outcome], worker=WORKER)

    assert recorded == {task.id}
    now = found(store, task)
    assert (now.status, now.result, now.error) == (TaskStatus.COMPLETED, '{"sent": true}', None)
    assert (now.started_at, now.finished_at) == (NOON + SECOND, NOON + MINUTE)
    assert (now.lateness, now.lease_until) == (SECOND, None)
    assert (now.fence, now.attempt) == (claim.ref.fence, 1)
    assert store.attempts(task.tenant, task.id) == []


def test_a_failed_attempt_is_pending_again_at_its_new_time_under_a_new_fence(
    store: TaskStore,
) -> None:
    task = added(store)
    claim = running(store, task)
    outcome = failure(claim)

    recorded = store.record([outcome], worker=WORKER)

    assert recorded == {task.id}
    now = found(store, task)
    assert now.ref == TaskRef(task.id, claim.ref.fence + 1)
    assert (now.status, now.due_at) == (TaskStatus.PENDING, NOON + 2 * SECOND)
    assert (now.attempt, now.error) == (1, "the mailbox is full")
    assert (now.lease_until, now.queued_at, now.finished_at) == (None, None, None)


def test_a_failed_attempt_is_a_row_of_attempts(store: TaskStore) -> None:
    task = added(store)

    store.record([failure(running(store, task))], worker=WORKER)

    [attempt] = store.attempts(task.tenant, task.id)
    assert (attempt.task_id, attempt.attempt, attempt.outcome) == (task.id, 1, "failed")
    assert (attempt.started_at, attempt.ended_at) == (NOON, NOON + SECOND)
    assert (attempt.error, attempt.worker) == ("the mailbox is full", WORKER)


def test_the_last_failed_attempt_makes_the_task_failed(store: TaskStore) -> None:
    task = added(store, retry=RetryPolicy(max_attempts=2))
    store.record([failure(running(store, task), error="once")], worker=WORKER)
    again = running(store, found(store, task), now=NOON + MINUTE)

    recorded = store.record([failure(again, error="twice")], worker=WORKER)

    assert recorded == {task.id}
    now = found(store, task)
    assert (now.status, now.error) == (TaskStatus.FAILED, "twice")
    assert [attempt.error for attempt in store.attempts(task.tenant, task.id)] == ["once", "twice"]


def test_the_first_start_is_kept_through_retries(store: TaskStore) -> None:
    task = added(store)
    store.record([failure(running(store, task))], worker=WORKER)
    again = running(store, found(store, task), now=NOON + MINUTE)

    store.record([make_outcome(again, started_at=NOON + MINUTE)], worker=WORKER)

    now = found(store, task)
    assert (now.first_started_at, now.started_at) == (NOON, NOON + MINUTE)
    assert now.error == "the mailbox is full"


def test_a_task_that_is_given_back_gets_its_attempt_back(store: TaskStore) -> None:
    task = added(store)
    claim = running(store, task)

    recorded = store.record([given_back(claim, now=NOON + SECOND)], worker=WORKER)

    assert recorded == {task.id}
    now = found(store, task)
    assert (now.status, now.attempt) == (TaskStatus.PENDING, 0)
    assert due(now) == (TaskRef(task.id, claim.ref.fence + 1), task.due_at)
    assert (now.started_at, now.lateness, now.worker) == (None, None, None)
    assert store.attempts(task.tenant, task.id) == []


def test_a_retry_is_never_due_before_the_moment_asked_for(store: TaskStore) -> None:
    task = added(store)
    early = make_outcome(
        running(store, task), status=TaskStatus.PENDING, due_at=NOON - MINUTE, error="too soon"
    )

    store.record([early], worker=WORKER)

    assert found(store, task).due_at == task.execute_at


def test_a_cancelled_task_is_final_without_a_row_of_attempts(store: TaskStore) -> None:
    task = added(store)

    store.record(
        [make_outcome(running(store, task), status=TaskStatus.CANCELLED, error="called off")],
        worker=WORKER,
    )

    now = found(store, task)
    assert (now.status, now.error) == (TaskStatus.CANCELLED, "called off")
    assert now.finished_at == NOON + SECOND
    assert store.attempts(task.tenant, task.id) == []


def test_outcomes_of_every_kind_are_recorded_in_one_batch(store: TaskStore) -> None:
    claims = [running(store, added(store)) for _ in range(4)]
    done, tried, back, lost = claims
    stranger = make_claim()

    recorded = store.record(
        [
            make_outcome(done),
            failure(tried),
            given_back(back, now=NOON),
            make_outcome(make_claim(ref=TaskRef(lost.ref.id, lost.ref.fence - 1))),
            make_outcome(stranger),
        ],
        worker=WORKER,
    )

    assert recorded == {done.ref.id, tried.ref.id, back.ref.id}
    assert statuses(store) == {
        TaskStatus.COMPLETED: 1,
        TaskStatus.PENDING: 2,
        TaskStatus.RUNNING: 1,
    }


def test_an_outcome_under_an_old_fence_is_discarded(store: TaskStore) -> None:
    task = added(store)
    zombie = running(store, task)
    store.record([given_back(zombie, now=NOON)], worker=WORKER)
    holder = running(store, found(store, task))

    recorded = store.record([make_outcome(zombie, result='"stale"')], worker="zombie")

    assert recorded == set()
    now = found(store, task)
    assert (now.status, now.fence, now.worker) == (TaskStatus.RUNNING, holder.ref.fence, WORKER)


def test_a_final_status_is_never_left(store: TaskStore) -> None:
    task = added(store)
    claim = running(store, task)
    store.record([make_outcome(claim)], worker=WORKER)

    recorded = store.record([failure(claim)], worker=WORKER)

    assert recorded == set()
    assert found(store, task).status is TaskStatus.COMPLETED


def test_recording_again_what_was_recorded_says_that_it_is_written(store: TaskStore) -> None:
    task = added(store)
    claim = running(store, task)
    store.record([make_outcome(claim)], worker=WORKER)

    again = store.record([make_outcome(claim, result='"other"')], worker=WORKER)

    assert again == {task.id}
    assert found(store, task).result == '{"sent": true}'


def test_recording_nothing_is_fine(store: TaskStore) -> None:
    assert store.record([], worker=WORKER) == set()


@pytest.mark.parametrize(
    "result",
    [r'"\u0000"', r'"\ud800"', '"\ud800"', "NaN", "[" * 20_000 + "]" * 20_000],
    ids=["NUL", "escaped half pair", "half pair", "NaN", "too deep"],
)
def test_a_result_that_cannot_be_stored_fails_its_task_and_no_other(
    store: TaskStore, result: str
) -> None:
    tasks = [added(store) for _ in range(5)]
    claims = [running(store, task) for task in tasks]
    outcomes = [make_outcome(claim) for claim in claims]
    outcomes[3] = make_outcome(claims[3], result=result)

    recorded = store.record(outcomes, worker=WORKER)

    assert recorded == {task.id for task in tasks}
    statuses = [found(store, task).status for task in tasks]
    assert statuses == [
        TaskStatus.FAILED if index == 3 else TaskStatus.COMPLETED for index in range(5)
    ]
    refused = found(store, tasks[3])
    assert refused.result is None
    assert refused.error is not None
    assert "result cannot be stored as JSON" in refused.error
    assert [attempt.attempt for attempt in store.attempts(tasks[3].tenant, tasks[3].id)] == [1]


def test_an_error_is_recorded_whatever_it_says(store: TaskStore) -> None:
    task = added(store)
    outcome = make_outcome(
        running(store, task), status=TaskStatus.FAILED, error='NUL \x00, half \ud800, {"\\"}, 🙂'
    )

    recorded = store.record([outcome], worker=WORKER)

    assert recorded == {task.id}
    assert found(store, task).error == 'NUL \N{REPLACEMENT CHARACTER}, half ?, {"\\"}, 🙂'


def test_a_poison_message_is_kept_once_per_body_and_lane(
    store: TaskStore, backing: Backing
) -> None:
    body = b"\x00\xff not JSON"
    for seconds in range(3):
        store.keep_poison(
            body, reason="not JSON", lane="default.0", now=NOON + timedelta(seconds=seconds)
        )
    store.keep_poison(body, reason="not JSON", lane="mail.0", now=NOON)

    assert sorted(backing.poison()) == [
        (body, "default.0", "not JSON", 3),
        (body, "mail.0", "not JSON", 1),
    ]


def test_poison_is_kept_whatever_its_reason_says(store: TaskStore, backing: Backing) -> None:
    store.keep_poison(b"{}", reason="NUL \x00, half \ud800", lane="default.0", now=NOON)

    [(_, _, reason, _)] = backing.poison()
    assert reason == "NUL \N{REPLACEMENT CHARACTER}, half ?"
