"""What every task store promises about lists (interface.Managing.list_tasks)."""

import json
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Any

import pytest

from dueline.domain.ids import new_task_id
from dueline.domain.task_filter import TaskFilter
from dueline.domain.tasks import Task, TaskStatus
from dueline.task_store.interface import TaskPage, TaskStore
from dueline.task_store.postgres_managing import MOST_LOOKED_AT
from tests.conformance.task_store_steps import running
from tests.factories import MINUTE, NOON, SECOND, make_outcome, make_task

TENANT = "default"
ALL = TaskFilter()
SCHEDULE = "01900000-0000-7000-8000-000000000001"


def made(second: int, **overrides: Any) -> Task:
    """A task that was made so many seconds after noon."""
    at = NOON + second * SECOND
    return make_task(**{"id": new_task_id(at), "created_at": at, "execute_at": at, **overrides})


def pages(store: TaskStore, which: TaskFilter = ALL, *, limit: int = 3) -> Iterable[TaskPage]:
    page = store.list_tasks(TENANT, which, before=None, limit=limit)
    yield page
    while page.goes_on_at:
        page = store.list_tasks(TENANT, which, before=page.goes_on_at, limit=limit)
        yield page


def listed(store: TaskStore, which: TaskFilter = ALL, *, limit: int = 3) -> list[str]:
    return [task.id for page in pages(store, which, limit=limit) for task in page.tasks]


def ids(tasks: Iterable[Task]) -> list[str]:
    return [task.id for task in tasks]


def test_a_list_of_nothing_is_one_empty_page(store: TaskStore) -> None:
    assert store.list_tasks(TENANT, ALL, before=None, limit=3) == ([], None)


@pytest.mark.parametrize("count", [1, 2, 3, 4, 6, 7])
def test_pages_hold_every_task_once_the_newest_first(store: TaskStore, count: int) -> None:
    tasks = [made(second) for second in range(count)]
    store.add(tasks)

    shown = list(pages(store))

    assert ids(task for page in shown for task in page.tasks) == ids(reversed(tasks))
    assert [len(page.tasks) for page in shown[:-1]] == [3] * (len(shown) - 1)
    assert shown[-1].tasks


def test_a_task_is_listed_with_all_that_is_known_of_it(store: TaskStore) -> None:
    task = made(0, tags=("a", "b"), payload='{"n": 1}', timeout=MINUTE)
    store.add([task])

    assert store.list_tasks(TENANT, ALL, before=None, limit=3).tasks == [task]


def test_tasks_of_other_tenants_are_not_listed(store: TaskStore) -> None:
    ours, theirs = made(1), made(2, tenant="other")
    store.add([ours, theirs])

    assert listed(store) == [ours.id]
    assert store.list_tasks("other", ALL, before=None, limit=3).tasks == [theirs]


def test_tasks_that_come_meanwhile_move_no_page(store: TaskStore) -> None:
    tasks = [made(second) for second in range(6)]
    store.add(tasks)
    first = store.list_tasks(TENANT, ALL, before=None, limit=3)

    store.add([made(9), made(10)])
    second = store.list_tasks(TENANT, ALL, before=first.goes_on_at, limit=3)

    assert ids([*first.tasks, *second.tasks]) == ids(reversed(tasks))


def test_each_status_can_be_listed(store: TaskStore) -> None:
    pending, queued, runs, done, failed, cancelled = tasks = [made(n) for n in range(6)]
    store.add(tasks)
    store.mark_queued([queued.ref], now=NOON)
    running(store, runs, now=NOON + MINUTE)
    store.record([make_outcome(running(store, done, now=NOON + MINUTE))], worker="w")
    broken = running(store, failed, now=NOON + MINUTE)
    store.record([make_outcome(broken, status=TaskStatus.FAILED, error="x")], worker="w")
    store.cancel(TENANT, [cancelled.id], now=NOON)

    by_status = {
        status: listed(store, TaskFilter(statuses=frozenset({status}))) for status in TaskStatus
    }

    assert by_status == {
        TaskStatus.PENDING: [pending.id],
        TaskStatus.QUEUED: [queued.id],
        TaskStatus.RUNNING: [runs.id],
        TaskStatus.COMPLETED: [done.id],
        TaskStatus.FAILED: [failed.id],
        TaskStatus.CANCELLED: [cancelled.id],
        TaskStatus.SKIPPED: [],
    }
    two = frozenset({TaskStatus.FAILED, TaskStatus.PENDING})
    assert listed(store, TaskFilter(statuses=two)) == [failed.id, pending.id]


@pytest.mark.parametrize(
    ("which", "fitting"),
    [
        (TaskFilter(types=frozenset({"email"})), [0, 1, 2]),
        (TaskFilter(types=frozenset({"report", "none"})), [3]),
        (TaskFilter(types=frozenset()), []),
        (TaskFilter(queue="slow"), [1]),
        (TaskFilter(tag="vip"), [2, 3]),
        (TaskFilter(tag="vi"), []),
        (TaskFilter(execute_from=NOON + 2 * SECOND), [2, 3]),
        (TaskFilter(execute_to=NOON + 2 * SECOND), [0, 1]),
        (TaskFilter(created_from=NOON + SECOND, created_to=NOON + 3 * SECOND), [1, 2]),
        (TaskFilter(created_from=NOON + timedelta(milliseconds=1)), [1, 2, 3]),
        (TaskFilter(types=frozenset({"email"}), tag="vip"), [2]),
    ],
)
def test_a_filter_leaves_what_fits(
    store: TaskStore, which: TaskFilter, fitting: Sequence[int]
) -> None:
    tasks = [
        made(0),
        made(1, queue="slow", tags=("a",)),
        made(2, tags=("vip", "a")),
        made(3, type="report", tags=("vip",)),
    ]
    store.add(tasks)

    assert listed(store, which) == ids(tasks[number] for number in reversed(fitting))


@pytest.mark.parametrize(
    ("wanted", "payload", "fits"),
    [
        ('{"a": 1}', '{"a": 1, "b": 2}', True),
        ('{"a": 1}', '{"a": 1.0}', True),
        ('{"a": 1}', '{"a": true}', False),
        ('{"a": 1}', '{"b": {"a": 1}}', False),
        ('{"b": {"a": 1}}', '{"b": {"a": 1, "c": []}}', True),
        ('{"a": null}', '{"b": 1}', False),
        ("[1]", "[2, 1]", True),
        ("[1, 1]", "[1]", True),
        ("[[1]]", "[1]", False),
        ("1", "[1, 2]", True),
        ('{"a": 1}', '{"a": [1]}', False),
        ("[1]", "1", False),
        ("{}", '{"a": 1}', True),
        ("{}", "[1]", False),
        ('"x"', '"x"', True),
    ],
)
def test_a_payload_fits_that_contains_the_wanted_one(
    store: TaskStore, wanted: str, payload: str, *, fits: bool
) -> None:
    task = made(0, payload=payload)
    store.add([task])

    assert listed(store, TaskFilter(payload=wanted)) == [task.id] * fits


def test_what_one_schedule_made_is_listed_by_the_time_of_its_occurrence(store: TaskStore) -> None:
    other = "01900000-0000-7000-8000-000000000002"
    tasks = [
        made(5 - n, schedule_id=SCHEDULE, occurrence_at=NOON + n * MINUTE, type=f"t{n % 2}")
        for n in range(5)
    ]
    theirs = made(9, schedule_id=SCHEDULE, occurrence_at=NOON + 9 * MINUTE, tenant="other")
    store.add([*tasks, made(7), made(8, schedule_id=other, occurrence_at=NOON), theirs])

    assert listed(store, TaskFilter(schedule_id=SCHEDULE), limit=2) == ids(reversed(tasks))
    odd = TaskFilter(schedule_id=SCHEDULE, types=frozenset({"t1"}))
    assert listed(store, odd, limit=2) == ids([tasks[3], tasks[1]])
    queued = TaskFilter(schedule_id=SCHEDULE, statuses=frozenset({TaskStatus.QUEUED}))
    assert listed(store, queued) == []


@pytest.mark.parametrize("of_a_schedule", [False, True], ids=["by id", "by occurrence"])
def test_what_fits_is_found_behind_many_that_do_not(
    store: TaskStore, *, of_a_schedule: bool
) -> None:
    def one(number: int, type_: str) -> Task:
        occurrence = {"schedule_id": SCHEDULE, "occurrence_at": NOON + number * SECOND}
        return made(number, type=type_, **occurrence if of_a_schedule else {})

    last = one(0, "rare")
    store.add([last, *[one(number, "common") for number in range(1, MOST_LOOKED_AT + 3)]])
    which = TaskFilter(types=frozenset({"rare"}), schedule_id=SCHEDULE if of_a_schedule else None)

    assert listed(store, which) == [last.id]


def test_a_payload_that_looks_like_sql_is_only_a_payload(store: TaskStore) -> None:
    payload = json.dumps({"q": "'); DROP TABLE tasks; --"})
    task = made(0, payload=payload, tags=("'; --",), queue="q'")
    store.add([task])

    assert listed(store, TaskFilter(payload=payload, tag="'; --", queue="q'")) == [task.id]


def test_ids_are_listed_piece_by_piece_as_the_tasks_are(store: TaskStore) -> None:
    tasks = [made(number, type="rare" if number % 3 else "common") for number in range(7)]
    store.add(tasks)
    which = TaskFilter(types=frozenset({"rare"}))

    pieces = [store.list_ids(TENANT, which, before=None, limit=2)]
    while pieces[-1].goes_on_at:
        pieces.append(store.list_ids(TENANT, which, before=pieces[-1].goes_on_at, limit=2))

    assert [task_id for piece in pieces for task_id in piece.ids] == listed(store, which)
    assert store.list_ids("other", which, before=None, limit=2) == ([], None)
