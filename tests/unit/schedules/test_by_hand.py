"""Skip, unskip, run now, backfill."""

from datetime import datetime, timedelta

import pytest

from dueline.domain.errors import InvalidRequest
from dueline.domain.overlap import Overlap
from dueline.domain.schedules import Schedule
from dueline.domain.tasks import Task, TaskStatus
from dueline.usecases.occurrences_by_hand import (
    backfill,
    backfill_instants,
    run_now,
    skip_occurrence,
    unskip_occurrence,
)
from tests.factories import MINUTE, NOON, SECOND
from tests.unit.schedules.world import World, minutes, statuses

HOUR = timedelta(hours=1)


def skip(world: World, schedule: Schedule, at: datetime, note: str | None = None) -> Task | None:
    return skip_occurrence(schedule, at, note=note, store=world.schedules, now=world.now)


def test_one_occurrence_is_skipped_and_no_other() -> None:
    world = World()
    schedule = world.add()

    task = skip(world, schedule, NOON + 2 * MINUTE, note="holiday")

    assert task
    assert (task.status, task.error) == (TaskStatus.SKIPPED, "skipped by hand: holiday")
    world.now += 3 * MINUTE
    world.run_due()
    assert statuses(world.tasks_of(schedule)) == ["completed", "skipped", "completed"]


def test_one_in_the_far_future_is_skipped_when_its_time_comes() -> None:
    world = World()
    schedule = world.add()
    far = NOON + 5 * HOUR

    skip(world, schedule, far)
    world.now = far - MINUTE
    world.tick()

    [task] = [t for t in world.tasks_of(schedule, until=far) if t.occurrence_at == far]
    assert statuses([task]) == ["skipped"]


@pytest.mark.parametrize("ahead", [2 * MINUTE, 3 * HOUR])
def test_a_skip_can_be_undone(ahead: timedelta) -> None:
    world = World()
    schedule = world.add()
    at = NOON + ahead
    skip(world, schedule, at)

    assert unskip_occurrence(schedule, at, **world.tools)
    assert not unskip_occurrence(schedule, at, **world.tools)

    world.now = at
    world.tick()
    assert world.tasks_of(schedule)[-1].occurrence_at == at
    assert world.tasks_of(schedule)[-1].status is TaskStatus.PENDING


def test_an_instant_that_the_rule_does_not_have_is_refused_with_the_next_one() -> None:
    world = World()
    schedule = world.add()

    with pytest.raises(InvalidRequest, match=r"no occurrence at .* the next .*12:02:00") as refusal:
        skip(world, schedule, NOON + MINUTE + SECOND)

    assert refusal.value.code == "NOT_AN_OCCURRENCE"


def test_a_run_now_is_one_more_run_and_moves_nothing() -> None:
    world = World()
    schedule = world.add()

    task = run_now(schedule, payload='{"by": "hand"}', **world.tools)

    assert task
    assert world.tasks.get("default", task.id) == task
    assert [t.id for t in world.run_due()] == [task.id]
    assert (task.occurrence_at, task.payload) == (NOON, '{"by": "hand"}')
    assert world.found(schedule).next_at == NOON + 16 * MINUTE


def test_two_runs_at_the_same_moment_are_two() -> None:
    world = World()
    schedule = world.add()

    first, second = run_now(schedule, **world.tools), run_now(schedule, **world.tools)

    assert first
    assert second
    assert first.occurrence_at != second.occurrence_at
    assert len(world.run_due()) == 2


def test_what_is_asked_for_by_hand_waits_for_its_turn_and_is_not_dropped() -> None:
    world = World()
    schedule = world.add(overlap=Overlap.SKIP)

    task = run_now(schedule, **world.tools)

    assert task
    assert task.overlap is Overlap.BUFFER_ALL


def test_a_run_of_a_deleted_schedule_is_none() -> None:
    world = World()
    schedule = world.add()
    world.schedules.delete("default", schedule.id, version=None, now=world.now)

    assert run_now(schedule, **world.tools) is None


def test_a_backfill_makes_what_is_not_there_and_runs_it_at_the_pace() -> None:
    world = World()
    schedule = world.add()
    world.now += 3 * MINUTE
    start, end = NOON - 3 * MINUTE, NOON + 2 * MINUTE
    dry = backfill_instants(schedule, start, end)

    made = backfill(schedule, start, end, pace=2 * SECOND, **world.tools)
    again = backfill(schedule, start, end, pace=2 * SECOND, **world.tools)

    assert dry == minutes(-2, 2)
    assert (made, again) == (3, 0)
    filled = [t for t in world.tasks_of(schedule) if t.due_at >= world.now and t.created_at > NOON]
    assert [t.occurrence_at for t in filled] == minutes(-2, 0)
    assert [t.due_at for t in filled] == [world.now + n * 2 * SECOND for n in range(3)]


def test_a_backfill_is_not_taken_for_missed() -> None:
    world = World()
    schedule = world.add('{"cron": "0 0 1 1 *"}')
    backfill(schedule, NOON - timedelta(days=1000), NOON, pace=timedelta(0), **world.tools)

    world.now += HOUR
    world.tick()

    assert statuses(world.tasks_of(schedule)) == ["pending"] * 3


def test_a_backfill_that_is_too_large_or_not_past_is_refused() -> None:
    world = World()
    schedule = world.add('{"every": "PT1S"}')

    with pytest.raises(InvalidRequest, match="more than 10,000"):
        backfill_instants(schedule, NOON, NOON + 3 * HOUR)
    with pytest.raises(InvalidRequest, match="ends in the past"):
        backfill(schedule, NOON, NOON + SECOND, pace=SECOND, **world.tools)
