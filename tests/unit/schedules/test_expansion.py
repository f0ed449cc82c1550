"""Occurrences are made ahead of time, each once; a backlog is made up for in bounded batches."""

from dataclasses import replace
from datetime import timedelta

import pytest

from dueline.domain.missed import Missed, MissedPolicy
from dueline.domain.schedules import Pause
from dueline.usecases import expand_schedules as expanding
from dueline.usecases.expand_schedules import expand_schedules
from tests.factories import MINUTE, NOON, SECOND
from tests.unit.schedules.world import World, minutes

HOUR = timedelta(hours=1)


def instants(world: World, schedule: object) -> list[object]:
    tasks = world.tasks_of(schedule, until=NOON + 1000 * HOUR)  # type: ignore[arg-type]
    return [task.occurrence_at for task in tasks]


def test_a_new_schedule_has_its_occurrences_up_to_the_horizon_at_once() -> None:
    world = World()

    schedule = world.add()

    assert instants(world, schedule) == minutes(1, 15)
    assert world.found(schedule).next_at == NOON + 16 * MINUTE


def test_its_first_occurrence_is_known_to_the_buffer_at_once() -> None:
    world = World()

    world.add('{"every": "PT1S"}')

    [lane] = world.settings.lanes.all()
    assert world.buffer.next_due(lane) == NOON + SECOND


def test_tick_makes_what_comes_next_and_nothing_twice() -> None:
    world = World()
    schedule = world.add()

    for _ in range(30):
        world.tick()
        world.now += 20 * SECOND

    made = instants(world, schedule)
    assert made == minutes(1, len(made))
    assert made[-1] >= world.now + world.settings.horizon  # type: ignore[operator]


def test_of_two_ticks_that_saw_the_same_one_alone_makes_it() -> None:
    world = World()
    schedule = world.add()
    world.now += 5 * MINUTE
    seen = replace(world.found(schedule))

    world.tick()
    second = expanding.plan_of(
        seen, now=world.now, until=world.now + HOUR, settings=world.settings, most=99
    )
    made = expanding.carry_out([second], **world.tools)

    assert made == 0
    assert len(instants(world, schedule)) == len(set(instants(world, schedule)))


def test_a_schedule_ends_with_its_runs() -> None:
    world = World()

    schedule = world.add('{"cron": "* * * * *", "max_runs": 3}')
    world.now += HOUR
    world.tick()

    assert instants(world, schedule) == minutes(1, 3)
    assert (world.found(schedule).next_at, world.found(schedule).runs_made) == (None, 3)


def test_jitter_puts_the_start_off_and_keeps_the_instant() -> None:
    world = World()

    schedule = world.add('{"cron": "* * * * *", "jitter": 30}')

    tasks = world.tasks_of(schedule, until=NOON + HOUR)
    assert [task.occurrence_at for task in tasks] == minutes(1, 15)
    delays = {task.execute_at - at for task, at in zip(tasks, minutes(1, 15), strict=True)}
    assert len(delays) == 1
    assert timedelta(0) < delays.pop() < 30 * SECOND


def test_a_long_backlog_is_made_up_for_batch_by_batch() -> None:
    world = World()
    schedule = world.add('{"every": "PT1S"}', missed=Missed(policy=MissedPolicy.SKIP))
    world.now += HOUR

    batches = 1
    while expand_schedules(**world.tools).more:
        batches += 1

    assert batches > HOUR / SECOND / expanding.MOST_OF_ONE
    made = instants(world, schedule)
    assert made == [NOON + n * SECOND for n in range(1, len(made) + 1)]


def test_one_schedule_with_a_backlog_does_not_keep_the_others_waiting() -> None:
    world = World()
    world.add('{"every": "PT1S"}')
    world.now += HOUR
    other = world.add('{"cron": "0 14 * * *"}')
    world.now += HOUR - MINUTE

    expand_schedules(**world.tools)

    assert instants(world, other) == [NOON + 2 * HOUR]


def test_what_lies_in_a_pause_is_skipped_when_the_pause_is_over() -> None:
    world = World()
    pause = Pause(at=NOON + 2 * MINUTE, until=NOON + 4 * MINUTE, note="moving house")
    schedule = world.add(pause=pause)

    assert instants(world, schedule) == []
    world.now += 5 * MINUTE
    world.tick()

    errors = [task.error for task in world.tasks_of(schedule, until=NOON + 4 * MINUTE)]
    assert errors[1:3] == ["paused: moving house"] * 2
    assert errors[3] == "missed: a later one was due as well (missed: latest)"


def test_a_rule_that_cannot_be_read_any_more_pauses_its_schedule_alone() -> None:
    world = World()
    broken, sound = world.add(), world.add()
    kept = world.schedules._schedules  # noqa: SLF001 - no promise lets one write a bad rule
    kept[broken.id] = replace(
        world.found(broken), rule='{"cron": "* * * * *", "timezone": "Mars/Phobos"}'
    )
    world.now += 5 * MINUTE

    world.tick()

    pause = world.found(broken).pause
    assert pause
    assert pause.note
    assert "Mars/Phobos" in pause.note
    assert len(instants(world, sound)) > 15


@pytest.mark.parametrize("count", [1, 7])
def test_batches_are_bounded_and_together_complete(count: int) -> None:
    world = World()
    schedules = [world.add() for _ in range(count)]
    world.now += 4 * HOUR

    world.tick()

    for schedule in schedules:
        made = instants(world, schedule)
        assert made == minutes(1, len(made))
        assert len(made) >= 255
