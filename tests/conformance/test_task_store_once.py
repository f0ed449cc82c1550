"""What every task store promises about doing things once: idempotency keys and dedupe keys."""

import threading
from dataclasses import replace

import pytest

from dueline.domain.errors import DedupeKeyTaken, InvalidRequest, RequestInFlight
from dueline.domain.idempotency import KeptAnswer
from dueline.domain.retry import RetryPolicy
from dueline.domain.tasks import TaskStatus
from dueline.task_store.interface import TaskStore
from tests.conformance.task_store_fixtures import Backing
from tests.conformance.task_store_steps import WORKER, added, found, running, statuses
from tests.factories import MINUTE, NOON, make_outcome, make_task

TENANT = "default"
ANSWER = KeptAnswer(fingerprint="f1", status=201, body='{"task_id": "…"}', location="/tasks/1")


def count(store: TaskStore) -> int:
    return statuses(store, TENANT).total()


def test_the_first_use_of_a_key_adds_and_the_second_is_told_what_was_answered(
    store: TaskStore,
) -> None:
    task = make_task()

    first = store.add_once(TENANT, "k", [task], ANSWER, now=NOON)
    other = replace(ANSWER, fingerprint="f2", body="{}")
    second = store.add_once(TENANT, "k", [make_task()], other, now=NOON)

    assert (first, second) == (None, ANSWER)
    assert found(store, task) == task
    assert count(store) == 1


def test_an_answer_without_a_location_is_kept_as_it_is(store: TaskStore) -> None:
    answer = KeptAnswer(fingerprint="f", status=200, body="")
    store.add_once(TENANT, "k", [make_task(), make_task()], answer, now=NOON)

    assert store.add_once(TENANT, "k", [], answer, now=NOON) == answer
    assert count(store) == 2


def test_a_key_is_one_tenants_own(store: TaskStore) -> None:
    theirs = make_task(tenant="other")

    store.add_once(TENANT, "k", [make_task()], ANSWER, now=NOON)

    assert store.add_once("other", "k", [theirs], ANSWER, now=NOON) is None
    assert found(store, theirs) == theirs


def test_what_could_not_be_stored_uses_no_key(store: TaskStore) -> None:
    with pytest.raises(InvalidRequest):
        store.add_once(TENANT, "k", [make_task(payload=r'"\u0000"')], ANSWER, now=NOON)

    assert store.add_once(TENANT, "k", [make_task()], ANSWER, now=NOON) is None


def test_of_many_that_use_a_key_at_once_one_adds(store: TaskStore, backing: Backing) -> None:
    outcomes: list[object] = []

    def use(client: TaskStore) -> None:
        try:
            outcomes.append(client.add_once(TENANT, "k", [make_task()], ANSWER, now=NOON))
        except RequestInFlight:
            outcomes.append("in flight")

    clients = [backing.another() for _ in range(4)]
    threads = [threading.Thread(target=use, args=[client]) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert outcomes.count(None) == 1
    assert set(outcomes) <= {None, ANSWER, "in flight"}
    assert count(store) == 1


def test_two_unfinished_tasks_have_no_dedupe_key_in_common(store: TaskStore) -> None:
    first = added(store, dedupe_key="d")

    with pytest.raises(DedupeKeyTaken):
        store.add([make_task(), make_task(dedupe_key="d")])

    assert count(store) == 1
    assert store.unfinished(TENANT, "d") == first.id
    assert store.unfinished(TENANT, "e") is None


def test_two_tasks_of_one_batch_have_no_dedupe_key_in_common(store: TaskStore) -> None:
    with pytest.raises(DedupeKeyTaken):
        store.add([make_task(dedupe_key="d"), make_task(dedupe_key="d")])

    assert count(store) == 0


def test_a_dedupe_key_is_one_tenants_own(store: TaskStore) -> None:
    added(store, dedupe_key="d")

    theirs = added(store, dedupe_key="d", tenant="other")

    assert store.unfinished("other", "d") == theirs.id


def test_a_dedupe_key_is_held_while_its_task_runs_and_free_when_it_has_ended(
    store: TaskStore,
) -> None:
    task = added(store, dedupe_key="d")
    ours = running(store, task)
    with pytest.raises(DedupeKeyTaken):
        added(store, dedupe_key="d")

    store.record([make_outcome(ours)], worker=WORKER)

    assert added(store, dedupe_key="d").dedupe_key == "d"


def test_a_failed_task_is_not_retried_while_another_has_its_dedupe_key(store: TaskStore) -> None:
    failed = added(store, dedupe_key="d", retry=RetryPolicy(max_attempts=1))
    outcome = make_outcome(running(store, failed), status=TaskStatus.FAILED, error="x")
    store.record([outcome], worker=WORKER)
    added(store, dedupe_key="d")

    assert store.retry(TENANT, [failed.id], now=NOON + MINUTE) == []
    assert found(store, failed).status is TaskStatus.FAILED


def test_adding_the_same_task_with_a_dedupe_key_again_changes_nothing(store: TaskStore) -> None:
    task = added(store, dedupe_key="d")

    store.add([task])

    assert found(store, task) == task
