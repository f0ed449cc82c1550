"""What every task store promises to function `schedule` (interface.Accepting)."""

import json
from datetime import UTC, datetime, timedelta, timezone

import pytest
from msgspec import structs

from dueline.domain.errors import InvalidRequest
from dueline.domain.retry import Backoff, RetryPolicy
from dueline.domain.tasks import DEFAULT_TENANT, Task, TaskStatus
from dueline.task_store.interface import TaskStore
from tests.conformance.task_store_steps import statuses
from tests.factories import MINUTE, NOON, SECOND, make_task


def test_a_task_that_was_added_is_found_as_it_was(store: TaskStore) -> None:
    task = make_task(
        type="report.daily",
        queue="slow_reports",
        payload='{"a": [1, 2.5, null, true], "b": "x"}',
        execute_at=NOON + timedelta(microseconds=1),
        due_at=NOON + SECOND,
        retry=RetryPolicy(
            max_attempts=3,
            backoff=Backoff.LINEAR,
            base=timedelta(milliseconds=1500),
            cap=timedelta(hours=1),
            jitter=False,
            max_age=timedelta(days=2, microseconds=7),
        ),
        timeout=timedelta(seconds=1234.567891),
        expires_at=NOON + MINUTE,
    )

    store.add([task])

    found = store.get(task.tenant, task.id)
    assert found is not None
    assert structs.replace(found, payload=task.payload) == task
    assert json.loads(found.payload) == json.loads(task.payload)


def test_a_task_with_nothing_but_defaults_is_found_as_it_was(store: TaskStore) -> None:
    task = make_task(payload="null")

    store.add([task])

    assert store.get(task.tenant, task.id) == task


@pytest.mark.parametrize(
    "text",
    [
        "quotes \" and ' and `",
        "backslash \\ and \\n and \\\\",
        "{braces}, commas, NULL",
        "a line\nand a tab\t",
        "Grüße, 你好, 🙂",
        ":name %s $1 --",
    ],
)
def test_a_payload_holds_any_text(store: TaskStore, text: str) -> None:
    task = make_task(payload=json.dumps({"text": text}, ensure_ascii=False))

    store.add([task])

    found = store.get(task.tenant, task.id)
    assert found is not None
    assert json.loads(found.payload) == {"text": text}


def test_a_time_of_another_zone_is_the_same_instant_in_utc(store: TaskStore) -> None:
    tokyo = datetime(2026, 6, 1, 21, tzinfo=timezone(timedelta(hours=9)))
    task = make_task(execute_at=tokyo)

    store.add([task])

    found = store.get(task.tenant, task.id)
    assert found is not None
    assert found.execute_at == NOON


def test_a_number_too_long_for_python_does_not_harm_the_answers_after_it(store: TaskStore) -> None:
    long, short = make_task(payload="9" * 5_000), make_task(payload='"short"')
    store.add([long, short])

    found = [store.get(task.tenant, task.id) for task in (long, short)]

    assert [task.payload for task in found if task] == [long.payload, short.payload]


def test_many_tasks_are_added_at_once(store: TaskStore) -> None:
    tasks = [make_task(payload=str(number)) for number in range(500)]

    store.add(tasks)

    assert [found.payload for task in tasks if (found := store.get(task.tenant, task.id))] == [
        str(number) for number in range(500)
    ]


def test_adding_nothing_is_fine(store: TaskStore) -> None:
    store.add([])

    assert statuses(store).total() == 0


def test_adding_the_same_tasks_again_changes_nothing(store: TaskStore) -> None:
    task = make_task()
    store.add([task])
    store.mark_queued([task.ref], now=NOON)

    store.add([task, make_task()])

    found = store.get(task.tenant, task.id)
    assert found is not None
    assert found.status is TaskStatus.QUEUED
    assert statuses(store).total() == 2


@pytest.mark.parametrize(
    "payload",
    [
        r'"\u0000"',
        r'{"a": ["\\\u0000"]}',
        r'"half a pair: \ud800"',
        '"half a pair: \ud800"',
        '"a NUL: \x00"',
        "NaN",
        "[1, 2",
        "[" * 20_000 + "]" * 20_000,
    ],
    ids=lambda payload: ascii(payload)[:30],
)
def test_if_one_payload_cannot_be_stored_none_of_its_batch_is(
    store: TaskStore, payload: str
) -> None:
    fine = make_task()

    with pytest.raises(InvalidRequest):
        store.add([fine, make_task(payload=payload)])

    assert store.get(fine.tenant, fine.id) is None


def test_a_backslash_before_u0000_is_just_text(store: TaskStore) -> None:
    task = make_task(payload=r'"\\u0000"')

    store.add([task])

    assert store.get(task.tenant, task.id) == task


@pytest.mark.parametrize("task_id", ["", "none", "'; DROP TABLE tasks; --", "\x00", "\ud800"])
def test_what_is_no_uuid_is_nobodys_id(store: TaskStore, task_id: str) -> None:
    assert store.get(DEFAULT_TENANT, task_id) is None
    assert store.attempts(DEFAULT_TENANT, task_id) == []


def test_an_unknown_task_is_none_and_has_no_attempts(store: TaskStore) -> None:
    unknown = make_task()

    assert store.get(unknown.tenant, unknown.id) is None
    assert store.attempts(unknown.tenant, unknown.id) == []


def test_the_servers_time_is_aware_and_moves_on(store: TaskStore) -> None:
    first = store.server_time()

    second = store.server_time()

    assert first.tzinfo is UTC
    assert first <= second <= first + MINUTE


def test_a_store_that_is_there_answers_a_ping(store: TaskStore) -> None:
    store.ping()


def test_a_new_task_has_not_begun(store: TaskStore) -> None:
    task = make_task()

    store.add([task])

    found = store.get(task.tenant, task.id)
    assert isinstance(found, Task)
    assert (found.attempt, found.fence, found.lateness) == (0, 0, None)
