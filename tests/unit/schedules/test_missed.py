"""Everything stood still for a while: the policy decides, and every instant keeps a row."""

from datetime import timedelta

import pytest

from dueline.domain.missed import Missed, MissedPolicy, verdicts
from dueline.domain.tasks import Task
from dueline.usecases.settle_missed import BATCH
from tests.factories import MINUTE, NOON, SECOND
from tests.unit.schedules.world import World, minutes, statuses

HOUR = timedelta(hours=1)
LATEST = Missed()
ALL = Missed(policy=MissedPolicy.ALL, within=None, pace=5 * SECOND)
SKIP = Missed(policy=MissedPolicy.SKIP)


def after_ten_minutes(missed: Missed) -> tuple[World, list[Task]]:
    """A minutely schedule; nothing runs from noon to half a minute past 12:10; then a tick."""
    world = World()
    schedule = world.add(missed=missed)
    world.now += 10 * MINUTE + 30 * SECOND
    world.tick()
    return world, world.tasks_of(schedule)


def test_latest_runs_the_last_and_records_nine_that_it_skipped() -> None:
    world, tasks = after_ten_minutes(LATEST)

    ran = world.run_due()

    assert [task.occurrence_at for task in tasks] == minutes(1, 10)
    assert statuses(tasks) == ["skipped"] * 9 + ["pending"]
    assert {task.error for task in tasks[:9]} == {
        "missed: a later one was due as well (missed: latest)"
    }
    assert [task.occurrence_at for task in ran] == [NOON + 10 * MINUTE]


def test_all_runs_ten_in_order_at_the_pace() -> None:
    world, tasks = after_ten_minutes(ALL)
    began, ran = world.now, []

    for _ in range(60):
        ran += [(task.occurrence_at, world.now - began) for task in world.run_due()]
        world.tick()
        world.now += SECOND

    assert statuses(tasks) == ["pending"] * 10
    backlog = [(at, after) for at, after in ran if at and at <= NOON + 10 * MINUTE]
    assert backlog == [(at, n * 5 * SECOND) for n, at in enumerate(minutes(1, 10))]


def test_skip_records_ten_that_it_skipped() -> None:
    world, tasks = after_ten_minutes(SKIP)

    assert statuses(tasks) == ["skipped"] * 10
    assert world.run_due() == []
    assert {task.error for task in tasks} == {"missed: it could not be sent in time (missed: skip)"}


@pytest.mark.parametrize("missed", [LATEST, ALL, SKIP])
def test_an_outage_beyond_what_was_made_ahead_is_judged_alike(missed: Missed) -> None:
    world = World()
    schedule = world.add(missed=missed)

    world.now += 40 * MINUTE + 30 * SECOND
    world.tick()

    tasks = world.tasks_of(schedule)
    assert [task.occurrence_at for task in tasks] == minutes(1, 40)
    runs = {MissedPolicy.LATEST: 1, MissedPolicy.ALL: 40, MissedPolicy.SKIP: 0}[missed.policy]
    assert statuses(tasks) == ["skipped"] * (40 - runs) + ["pending"] * runs
    starts = [task.due_at for task in tasks if task.status.value == "pending"]
    assert starts == [world.now + n * missed.pace for n in range(runs)]


def test_the_latest_is_skipped_too_when_it_is_older_than_within() -> None:
    world = World()
    schedule = world.add('{"cron": "1 12 * * *"}', missed=Missed(within=HOUR))

    world.now += MINUTE + HOUR + SECOND
    world.tick()

    [task] = world.tasks_of(schedule)
    assert statuses([task]) == ["skipped"]
    assert task.error == "missed: by more than 1:00:00 (missed: within)"


def test_what_is_only_a_moment_late_is_not_missed() -> None:
    world = World()
    schedule = world.add('{"every": "PT1S"}', missed=SKIP)

    world.now += world.settings.missed_after
    world.tick()

    assert set(statuses(world.tasks_of(schedule))) == {"pending"}


def test_each_is_decided_about_once_however_often_tick_looks() -> None:
    world, before = after_ten_minutes(ALL)

    world.now += 20 * SECOND  # nothing of it was sent
    world.tick()

    assert [world.task(task.ref) for task in before] == before


def test_a_second_outage_goes_on_with_the_pace_where_it_was() -> None:
    now, due_ats = NOON, [NOON - HOUR, NOON - MINUTE]

    decided = verdicts(ALL, due_ats, now=now, later_due=False, paced_until=NOON + MINUTE)

    starts = [verdict.due_at for verdict in decided]
    assert starts == [NOON + MINUTE + 5 * SECOND, NOON + MINUTE + 10 * SECOND]


def test_backlogs_of_many_schedules_are_all_decided_before_anything_is_sent() -> None:
    world = World()
    schedules = [world.add() for _ in range(BATCH // 10 + 1)]

    world.now += 10 * MINUTE + 30 * SECOND
    world.tick()

    for schedule in schedules:
        assert statuses(world.tasks_of(schedule)) == ["skipped"] * 9 + ["pending"]
