"""What every schedule store promises about single occurrences: read, made, skipped by hand."""

from functools import partial

import pytest

from dueline.domain.overlap import Overlap
from dueline.domain.tasks import TaskStatus
from tests.conformance.schedule_store_fixtures import Stores
from tests.conformance.schedule_store_steps import added, expanded, expansion, found, tasks_of
from tests.factories import MINUTE, NOON, SECOND, make_occurrence, make_schedule

BY_HAND = "skipped by hand"


def test_occurrences_around_an_instant_come_in_order(stores: Stores) -> None:
    minutes = [NOON + n * MINUTE for n in range(6)]
    schedule = expanded(stores, added(stores), *minutes)
    expanded(stores, added(stores), *minutes)  # of another schedule

    around = stores.schedules.occurrences(
        "default", schedule.id, at=NOON + 3 * MINUTE, before=2, after=1
    )

    assert [task.occurrence_at for task in around] == minutes[2:5]
    assert around == [stores.tasks.get("default", task.id) for task in around]


def test_an_occurrence_made_by_hand_is_made_once_and_moves_nothing(stores: Stores) -> None:
    schedule = added(stores, overlap=Overlap.SKIP)
    first, again = make_occurrence(NOON - MINUTE, due_at=NOON), make_occurrence(NOON - MINUTE)

    def make(occurrence: object) -> set[str]:
        return stores.schedules.make(
            "default",
            schedule.id,
            [occurrence],  # type: ignore[list-item]
            overlap=Overlap.BUFFER_ALL,
            payload='{"by": "hand"}',
            now=NOON,
        )

    assert make(first) == {first.id}
    assert make(again) == set()
    [task] = tasks_of(stores, schedule)
    assert (task.payload, task.due_at, task.status) == ('{"by": "hand"}', NOON, TaskStatus.PENDING)
    assert (task.schedule_id, task.occurrence_at) == (schedule.id, NOON - MINUTE)
    assert task.overlap is Overlap.BUFFER_ALL
    assert found(stores, schedule) == schedule


@pytest.mark.parametrize(
    ("error", "sparing", "again"),
    [
        ("missed: by more than 1:00:00", BY_HAND, True),
        (f"{BY_HAND}: holiday", BY_HAND, False),
        ("missed: by more than 1:00:00", None, False),
    ],
)
def test_what_was_skipped_is_made_anew_unless_it_is_spared(
    stores: Stores, error: str, sparing: str | None, *, again: bool
) -> None:
    schedule = added(stores, next_at=NOON + MINUTE)
    at = NOON - MINUTE
    waiting, new = make_occurrence(at), make_occurrence(at)
    make = partial(stores.schedules.make, "default", schedule.id, overlap=Overlap.ALLOW, now=NOON)
    make([waiting])
    assert stores.schedules.skip(
        "default", schedule.id, make_occurrence(at, skipped=error), now=NOON
    )

    made = make([new], sparing=sparing)

    [task] = tasks_of(stores, schedule)
    assert made == ({new.id} if again else set())
    assert (task.id == new.id, task.status is TaskStatus.PENDING) == (again, again)


def test_an_occurrence_that_waits_is_skipped(stores: Stores) -> None:
    schedule = expanded(stores, added(stores), NOON + MINUTE)
    [waiting] = tasks_of(stores, schedule)

    done = stores.schedules.skip("default", schedule.id, make_occurrence(skipped=BY_HAND), now=NOON)

    assert done
    [task] = tasks_of(stores, schedule)
    assert (task.id, task.status, task.error) == (waiting.id, TaskStatus.SKIPPED, BY_HAND)
    assert task.finished_at == NOON
    assert task.fence == waiting.fence + 1


def test_an_occurrence_that_is_still_to_come_is_skipped_ahead_of_its_time(stores: Stores) -> None:
    schedule = added(stores)
    skipped = make_occurrence(NOON + 2 * MINUTE, skipped=BY_HAND)

    assert stores.schedules.skip("default", schedule.id, skipped, now=NOON)
    plan = expansion(schedule, make_occurrence(), make_occurrence(NOON + 2 * MINUTE))
    inserted = stores.schedules.expand([plan], now=NOON)

    assert inserted == {plan.occurrences[0].id}
    first, second = tasks_of(stores, schedule)
    assert (first.status, second.status) == (TaskStatus.PENDING, TaskStatus.SKIPPED)
    assert second.id == skipped.id


def test_an_occurrence_that_has_begun_is_not_skipped(stores: Stores) -> None:
    schedule = expanded(stores, added(stores), NOON)
    [task] = tasks_of(stores, schedule)
    stores.tasks.claim([task.ref], now=NOON, until=NOON, lease=MINUTE, worker="worker-1")

    done = stores.schedules.skip(
        "default", schedule.id, make_occurrence(NOON, skipped=BY_HAND), now=NOON
    )

    assert not done
    assert tasks_of(stores, schedule)[0].status is TaskStatus.RUNNING


def test_an_instant_that_passed_without_a_task_is_not_skipped(stores: Stores) -> None:
    schedule = added(stores)

    skipped = make_occurrence(NOON - MINUTE, skipped=BY_HAND)

    assert not stores.schedules.skip("default", schedule.id, skipped, now=NOON)
    assert tasks_of(stores, schedule) == []


def test_a_skip_is_undone_with_a_new_task_where_expansion_has_been(stores: Stores) -> None:
    schedule = expanded(stores, added(stores), NOON + MINUTE)
    skipped = make_occurrence(skipped=BY_HAND)
    stores.schedules.skip("default", schedule.id, skipped, now=NOON)
    again = make_occurrence()

    undone = stores.schedules.unskip(
        "default", schedule.id, again, reason=BY_HAND, now=NOON + SECOND
    )

    assert undone
    [task] = tasks_of(stores, schedule)
    assert (task.id, task.status, task.error) == (again.id, TaskStatus.PENDING, None)
    assert task.created_at == NOON + SECOND


def test_a_skip_is_undone_without_a_task_where_expansion_will_come(stores: Stores) -> None:
    schedule = added(stores)
    skipped = make_occurrence(skipped=BY_HAND)
    stores.schedules.skip("default", schedule.id, skipped, now=NOON)

    undone = stores.schedules.unskip(
        "default", schedule.id, make_occurrence(), reason=BY_HAND, now=NOON
    )

    assert undone
    assert tasks_of(stores, schedule) == []


def test_what_was_skipped_for_another_reason_is_not_undone(stores: Stores) -> None:
    schedule = added(stores)
    late = make_occurrence(skipped="missed: it could not be sent in time")
    stores.schedules.expand([expansion(schedule, late)], now=NOON)

    undone = stores.schedules.unskip(
        "default", schedule.id, make_occurrence(), reason=BY_HAND, now=NOON
    )

    assert not undone
    assert [task.id for task in tasks_of(stores, schedule)] == [late.id]


def test_nothing_is_made_of_a_schedule_that_is_not_there(stores: Stores) -> None:
    gone = make_schedule()

    made = stores.schedules.make(
        "default", gone.id, [make_occurrence()], overlap=Overlap.ALLOW, now=NOON
    )

    assert made == set()
    assert not stores.schedules.skip("default", gone.id, make_occurrence(skipped="x"), now=NOON)
