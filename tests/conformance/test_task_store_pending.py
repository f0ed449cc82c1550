"""What every task store promises to function `tick` about pending tasks (interface.Dispatching)."""

from datetime import datetime, timedelta

import pytest

from dueline.domain.lanes import Lane
from dueline.domain.tasks import DuePlace, DueTask, TaskRef, TaskStatus
from dueline.task_store.interface import TaskStore
from tests.conformance.task_store_steps import LANE, added, due, found, running
from tests.factories import MINUTE, NOON, SECOND, make_task, make_task_id


def page(
    store: TaskStore,
    *,
    lane: Lane = LANE,
    after: DuePlace | None = None,
    until: datetime = NOON,
    limit: int = 100,
) -> list[DueTask]:
    return store.pending_page(lane, after=after, until=until, limit=limit)


def test_a_page_holds_what_is_due_after_one_time_and_until_another_earliest_first(
    store: TaskStore,
) -> None:
    at, later, latest, beyond = (make_task(execute_at=NOON + n * SECOND) for n in range(4))
    store.add([beyond, latest, at, later])

    found_page = page(store, after=DuePlace(NOON), until=NOON + 2 * SECOND)

    assert found_page == [due(later), due(latest)]


def test_a_page_without_a_beginning_holds_what_is_overdue(store: TaskStore) -> None:
    old, new = make_task(execute_at=NOON - timedelta(days=300)), make_task()
    store.add([new, old])

    assert page(store) == [due(old), due(new)]


def test_a_page_ends_at_its_limit_and_the_next_goes_on_from_there(store: TaskStore) -> None:
    tasks = [make_task(execute_at=NOON + n * SECOND) for n in range(5)]
    store.add(tasks)

    first = page(store, until=NOON + MINUTE, limit=3)
    rest = page(store, after=DuePlace(first[-1].due_at), until=NOON + MINUTE, limit=3)

    assert first + rest == [due(task) for task in tasks]
    assert len(first) == 3


def test_the_earliest_due_are_so_many_and_no_more_however_many_share_a_due_time(
    store: TaskStore,
) -> None:
    """A burst of a million at one instant must not be read whole by each sweep."""
    early = make_task(execute_at=NOON - SECOND)
    tied = [make_task() for _ in range(5)]
    later = make_task(execute_at=NOON + SECOND)
    store.add([later, *tied, early])

    first, *others = store.earliest_due(LANE, until=NOON, limit=3)

    assert first == due(early)
    assert len(others) == 2
    assert set(others) < {due(task) for task in tied}
    assert len(store.earliest_due(LANE, until=NOON, limit=100)) == 6


def test_tasks_of_one_due_time_are_read_page_by_page(store: TaskStore) -> None:
    """A million at midnight must fit into memory, and into the time that a statement has."""
    early = make_task(execute_at=NOON - SECOND)
    tied = [make_task() for _ in range(5)]
    later = make_task(execute_at=NOON + SECOND)
    store.add([later, *tied, early])

    after, pages = None, []
    while read := page(store, after=after, until=NOON + MINUTE, limit=2):
        pages.append(read)
        after = DuePlace(read[-1].due_at, read[-1].ref.id)

    in_order = [early, *sorted(tied, key=lambda task: task.id), later]
    assert [len(each) for each in pages] == [2, 2, 2, 1]
    assert [found for each in pages for found in each] == [due(task) for task in in_order]


def test_without_an_id_a_place_is_behind_all_of_its_due_time(store: TaskStore) -> None:
    tied, later = [make_task() for _ in range(3)], make_task(execute_at=NOON + SECOND)
    store.add([later, *tied])

    assert page(store, after=DuePlace(NOON), until=NOON + MINUTE) == [due(later)]


def test_only_pending_tasks_are_on_a_page(store: TaskStore) -> None:
    pending, queued, claimed = added(store), added(store), added(store)
    store.mark_queued([queued.ref], now=NOON)
    running(store, claimed)

    assert page(store) == [due(pending)]


def test_only_tasks_of_the_lanes_queue_are_on_its_page(store: TaskStore) -> None:
    mail, _ = added(store, queue="mail"), added(store, queue="default")

    assert page(store, lane=Lane("mail", 0, 1)) == [due(mail)]


@pytest.mark.parametrize("count", [2, 3, 7, 256])
def test_every_slot_is_on_the_page_of_exactly_one_lane(store: TaskStore, count: int) -> None:
    tasks = [make_task(id=make_task_id(slot=slot)) for slot in range(256)]
    store.add(tasks)

    pages = [page(store, lane=Lane("default", index, count), limit=256) for index in range(count)]

    assert sorted(task for one in pages for task in one) == sorted(map(due, tasks))
    assert min(map(len, pages)) >= 256 // count


def test_a_pending_task_is_marked_queued(store: TaskStore) -> None:
    task = added(store)

    marked = store.mark_queued([task.ref], now=NOON)

    assert marked == 1
    assert found(store, task).status is TaskStatus.QUEUED
    assert found(store, task).queued_at == NOON
    assert found(store, task).fence == task.fence


def test_a_task_is_marked_queued_once(store: TaskStore) -> None:
    task = added(store)
    store.mark_queued([task.ref], now=NOON)

    assert store.mark_queued([task.ref, task.ref], now=NOON + SECOND) == 0
    assert found(store, task).queued_at == NOON


def test_a_mark_never_overwrites_a_task_that_was_claimed_before_it(store: TaskStore) -> None:
    task = added(store)
    claim = running(store, task)

    assert store.mark_queued([task.ref, claim.ref], now=NOON) == 0
    assert found(store, task).status is TaskStatus.RUNNING


def test_a_mark_with_an_old_fence_or_an_unknown_id_does_nothing_to_the_others(
    store: TaskStore,
) -> None:
    task, moved_on = added(store), added(store)
    refs = [make_task().ref, TaskRef(moved_on.id, 7), task.ref]

    marked = store.mark_queued(refs, now=NOON)

    assert marked == 1
    assert found(store, moved_on).status is TaskStatus.PENDING


def test_marking_nothing_is_fine(store: TaskStore) -> None:
    assert store.mark_queued([], now=NOON) == 0
