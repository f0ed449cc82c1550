"""What every task store promises when a whole batch is added (interface.Accepting.add)."""

import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from msgspec import structs

from dueline.domain.errors import DedupeKeyTaken, InvalidRequest
from dueline.domain.retry import Backoff, RetryPolicy
from dueline.domain.tasks import Task, TaskStatus
from dueline.task_store.copied import CHUNK, chunks
from dueline.task_store.interface import TaskStore
from dueline.task_store.postgres_accepting import COPIED_FROM
from tests.conformance.making import Making, Unmade
from tests.conformance.task_store_steps import found, statuses
from tests.factories import MINUTE, NOON, SECOND, make_task, make_task_id

MANY = 3 * COPIED_FROM
ODD_TEXT = "quotes \" ' `, \\ and \\n, {braces}, tab\t, Grüße, 你好, 🙂, :name %s $1 NULL"
POLICY = RetryPolicy(
    max_attempts=3,
    backoff=Backoff.LINEAR,
    base=timedelta(milliseconds=1500),
    cap=timedelta(hours=1),
    jitter=False,
    max_age=timedelta(days=2, microseconds=7),
)


def full(number: int) -> Task:
    """A task in which nothing is left to its default."""
    return make_task(
        tenant="acme",
        type="report.daily",
        queue="slow_reports",
        payload=json.dumps({"number": number, "text": ODD_TEXT}, ensure_ascii=False),
        execute_at=NOON + number * timedelta(microseconds=1),
        due_at=NOON + SECOND,
        tags=("a", ODD_TEXT, f"number:{number}"),
        schedule_id=make_task_id(slot=number % 256),
        occurrence_at=NOON + number * MINUTE,
        dedupe_key=f"{ODD_TEXT}{number}",
        retry=POLICY,
        timeout=timedelta(seconds=1234.567891),
        expires_at=NOON + MINUTE,
    )


def test_each_of_many_tasks_is_found_as_it_was(store: TaskStore) -> None:
    tasks = [full(number) for number in range(MANY)]

    store.add(tasks)

    stored = [found(store, task) for task in tasks]
    assert [json.loads(task.payload) for task in stored] == [json.loads(t.payload) for t in tasks]
    assert [structs.replace(task, payload="") for task in stored] == [
        structs.replace(task, payload="") for task in tasks
    ]


def test_many_tasks_with_nothing_but_defaults_are_found_as_they_were(store: TaskStore) -> None:
    tasks = [make_task(payload=str(number)) for number in range(MANY)]

    store.add(tasks)

    assert [found(store, task) for task in tasks] == tasks


def test_many_tasks_of_different_policies_keep_their_own(store: TaskStore) -> None:
    policies = [RetryPolicy(max_attempts=1 + number % 7) for number in range(MANY)]
    tasks = [make_task(retry=policy) for policy in policies]

    store.add(tasks)

    assert [found(store, task).retry for task in tasks] == policies


def test_times_before_the_year_2000_and_far_ahead_are_kept(store: TaskStore) -> None:
    far = [NOON.replace(year=year) for year in (1, 1999, 2000, 9998)]
    tasks = [make_task(execute_at=far[number % 4], due_at=far[3]) for number in range(MANY)]

    store.add(tasks)

    assert [found(store, task).execute_at for task in tasks] == [t.execute_at for t in tasks]


def test_a_batch_that_is_there_in_part_is_completed(store: TaskStore) -> None:
    tasks = [make_task() for _ in range(MANY)]
    store.add(tasks[: MANY // 2])
    store.mark_queued([tasks[0].ref], now=NOON)

    store.add(tasks)

    assert found(store, tasks[0]).status is TaskStatus.QUEUED
    assert [found(store, task).id for task in tasks] == [task.id for task in tasks]


@pytest.mark.parametrize("payload", [r'"\u0000"', "[1, 2", '"half a pair: \ud800"'], ids=ascii)
def test_if_one_of_many_payloads_cannot_be_stored_none_is(store: TaskStore, payload: str) -> None:
    tasks = [make_task() for _ in range(MANY)]

    with pytest.raises(InvalidRequest):
        store.add([*tasks, make_task(payload=payload)])

    store.add([tasks[0]])  # the connection is as good as before
    assert [found(store, task) for task in tasks[:1]] == tasks[:1]
    assert statuses(store).total() == 1


@pytest.mark.parametrize("count", [COPIED_FROM - 1, MANY])
def test_tasks_that_are_made_while_they_are_added_are_found_as_they_were(
    store: TaskStore, count: int
) -> None:
    tasks = Making(count, good=count)

    store.add(tasks)

    assert [found(store, task) for task in tasks] == tasks.made


@pytest.mark.parametrize("good", [0, 1, CHUNK - 1, CHUNK, 2 * CHUNK - 1])
def test_if_one_of_many_tasks_cannot_be_made_none_is_added(store: TaskStore, good: int) -> None:
    with pytest.raises(Unmade):
        store.add(Making(2 * CHUNK, good=good))

    tasks = Making(COPIED_FROM, good=COPIED_FROM)
    store.add(tasks)  # the connection is as good as before
    assert statuses(store).total() == len(tasks)


def test_the_first_of_many_tasks_are_sent_before_the_last_are_made() -> None:
    tasks = Making(2 * CHUNK, good=2 * CHUNK)
    sent = chunks(tasks)

    _head, _first = next(sent), next(sent)

    assert len(tasks.made) == CHUNK


def test_many_tasks_are_refused_for_one_whose_dedupe_key_is_taken(store: TaskStore) -> None:
    store.add([make_task(dedupe_key="only one")])

    with pytest.raises(DedupeKeyTaken):
        store.add([*[make_task() for _ in range(MANY)], make_task(dedupe_key="only one")])

    assert statuses(store).total() == 1


def test_threads_that_add_at_the_same_time_each_learn_what_became_of_their_own(
    store: TaskStore,
) -> None:
    store.add([make_task(dedupe_key="taken")])
    tasks = [make_task(dedupe_key="taken" if number % 5 == 0 else None) for number in range(MANY)]

    def refused(task: Task) -> bool:
        try:
            store.add([task])
        except DedupeKeyTaken:
            return True
        return False

    with ThreadPoolExecutor(8) as threads:
        outcomes = list(threads.map(refused, tasks))

    assert outcomes == [task.dedupe_key is not None for task in tasks]
    for task, was_refused in zip(tasks, outcomes, strict=True):
        assert (store.get(task.tenant, task.id) is None) is was_refused
