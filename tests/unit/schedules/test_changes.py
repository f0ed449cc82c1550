"""A change of a schedule neither loses nor repeats an occurrence."""

from dataclasses import replace
from datetime import timedelta
from functools import partial

import pytest

from dueline.domain.recurrence import TZDATA_VERSION
from dueline.domain.schedules import Schedule, ScheduleChanged, paused, resumed
from dueline.domain.tasks import TaskStatus
from dueline.usecases.change_schedule import change_schedule
from tests.factories import MINUTE, NOON, SECOND
from tests.unit.schedules.world import World, minutes, statuses

HOUR = timedelta(hours=1)
NEW = '{"subject": "new"}'


def test_an_edit_takes_effect_on_what_is_not_due_yet() -> None:
    world = World()
    schedule = world.add()
    world.now += 2 * MINUTE + 30 * SECOND

    world.change(schedule, partial(replace, payload=NEW))

    tasks = world.tasks_of(schedule, until=NOON + HOUR)
    assert [task.occurrence_at for task in tasks] == minutes(1, 17)
    assert [task.payload == NEW for task in tasks] == [False] * 2 + [True] * 15


def test_an_edit_of_the_rule_begins_at_its_next_instant() -> None:
    world = World()
    schedule = world.add()
    world.now += 2 * MINUTE + 30 * SECOND

    changed = world.change(schedule, partial(replace, rule='{"cron": "*/5 * * * *"}'))

    tasks = world.tasks_of(schedule, until=NOON + HOUR)
    at = [task.occurrence_at for task in tasks]
    assert at == [*minutes(1, 2), NOON + 5 * MINUTE, NOON + 10 * MINUTE, NOON + 15 * MINUTE]
    assert (changed.version, changed.updated_at) == (2, world.now)


def test_what_the_old_rule_missed_is_settled_before_the_new_rule() -> None:
    world = World()
    schedule = world.add()
    world.now += 40 * MINUTE + 30 * SECOND  # no tick ran

    world.change(schedule, partial(replace, rule='{"cron": "0 * * * *"}'))

    tasks = world.tasks_of(schedule)
    assert [task.occurrence_at for task in tasks] == minutes(1, 40)


def test_what_runs_a_moment_ahead_of_its_instant_is_not_made_again() -> None:
    world = World()
    schedule = world.add()
    world.now += MINUTE - SECOND / 50
    [first] = world.tasks_of(schedule, until=NOON + MINUTE)
    lead = world.settings.lead
    world.tasks.claim(
        [first.ref], now=world.now, until=world.now + lead, lease=MINUTE, worker="worker-1"
    )

    world.change(schedule, partial(replace, payload=NEW))

    tasks = world.tasks_of(schedule, until=NOON + 2 * MINUTE)
    assert [task.occurrence_at for task in tasks] == minutes(1, 2)
    assert (tasks[0].id, tasks[0].status) == (first.id, TaskStatus.RUNNING)


def test_runs_that_are_taken_back_are_not_counted() -> None:
    world = World()
    schedule = world.add('{"cron": "* * * * *", "max_runs": 5}')
    world.now += 2 * MINUTE

    world.change(schedule, partial(replace, payload=NEW))

    assert [t.occurrence_at for t in world.tasks_of(schedule, until=NOON + HOUR)] == minutes(1, 5)
    assert world.found(schedule).runs_made == 5


def test_a_change_that_someone_else_overtook_is_refused() -> None:
    world = World()
    schedule = world.add()
    world.change(schedule, partial(replace, payload=NEW))

    with pytest.raises(ScheduleChanged, match="someone else"):
        change_schedule(schedule, lambda seen: seen, **world.tools)
    world.schedules.delete("default", schedule.id, version=None, now=world.now)
    with pytest.raises(ScheduleChanged, match="deleted"):
        change_schedule(schedule, lambda seen: seen, **world.tools)


def test_a_change_goes_on_when_tick_moved_the_schedule_meanwhile() -> None:
    world = World()
    schedule = world.add()
    world.now += 30 * SECOND

    def change(seen: Schedule) -> Schedule:
        if seen.next_at == schedule.next_at:
            world.now += 10 * MINUTE
            world.tick()
            world.now -= 10 * MINUTE
        return replace(seen, payload=NEW)

    changed = world.change(schedule, change)

    assert changed.payload == NEW
    tasks = world.tasks_of(schedule, until=NOON + HOUR)
    assert [task.occurrence_at for task in tasks] == minutes(1, len(tasks))
    assert {task.payload for task in tasks} == {NEW}


def paused_for_ten_minutes() -> tuple[World, Schedule]:
    world = World()
    schedule = world.add()
    world.now += 2 * MINUTE + SECOND
    world.run_due()
    world.change(schedule, partial(paused, now=world.now, note="tired"))
    world.now += 10 * MINUTE
    world.tick()
    return world, schedule


def test_nothing_is_made_while_a_schedule_is_paused() -> None:
    world, schedule = paused_for_ten_minutes()

    tasks = world.tasks_of(schedule, until=NOON + HOUR)
    assert [task.occurrence_at for task in tasks] == minutes(1, 2)
    assert world.found(schedule).is_paused(world.now)


def test_a_resume_from_now_skips_what_lay_in_the_pause() -> None:
    world, schedule = paused_for_ten_minutes()

    world.change(schedule, partial(resumed, now=world.now, from_pause=False))
    world.tick()

    tasks = world.tasks_of(schedule)
    assert [task.occurrence_at for task in tasks] == minutes(1, 12)
    assert statuses(tasks) == ["completed"] * 2 + ["skipped"] * 10
    assert {task.error for task in tasks[2:]} == {"paused: tired"}
    assert world.tasks_of(schedule, until=NOON + 13 * MINUTE)[-1].status is TaskStatus.PENDING


def test_a_resume_from_the_pause_leaves_it_to_the_policy_for_missed_ones() -> None:
    world, schedule = paused_for_ten_minutes()

    world.change(schedule, partial(resumed, now=world.now, from_pause=True))
    world.tick()

    tasks = world.tasks_of(schedule)
    assert [task.occurrence_at for task in tasks] == minutes(1, 12)
    assert statuses(tasks) == ["completed"] * 2 + ["skipped"] * 9 + ["pending"]
    assert world.found(schedule).pause is None


def test_a_pause_until_a_time_ends_by_itself() -> None:
    world = World()
    schedule = world.add()
    world.change(schedule, partial(paused, now=NOON, until=NOON + 3 * MINUTE))

    world.now += 3 * MINUTE
    world.tick()

    tasks = world.tasks_of(schedule, until=NOON + 4 * MINUTE)
    assert statuses(tasks) == ["skipped"] * 2 + ["pending"] * 2


def test_a_schedule_whose_occurrences_fail_in_a_row_is_paused_with_a_note() -> None:
    world = World()
    schedule = world.add(pause_after_failures=3)

    for _ in range(3):
        world.now += MINUTE
        world.run_due(status=TaskStatus.FAILED)
        world.tick()

    pause = world.found(schedule).pause
    assert pause
    assert (pause.at, pause.note) == (world.now, "the last 3 occurrences failed")
    assert len(world.tasks_of(schedule, until=NOON + HOUR)) == 3


def test_a_success_in_between_keeps_it_running() -> None:
    world = World()
    schedule = world.add(pause_after_failures=2)

    for status in (TaskStatus.FAILED, TaskStatus.COMPLETED, TaskStatus.FAILED):
        world.now += MINUTE
        world.run_due(status=status)
        world.tick()

    assert world.found(schedule).pause is None


def test_one_that_is_resumed_is_not_paused_at_once_for_the_same_failures() -> None:
    world = World()
    schedule = world.add(pause_after_failures=1)
    world.now += MINUTE
    world.run_due(status=TaskStatus.FAILED)
    world.tick()

    world.now += SECOND
    world.change(schedule, partial(resumed, now=world.now, from_pause=False))
    world.tick()

    assert not world.found(schedule).is_paused(world.now)


def test_new_time_zone_rules_recompute_and_name_the_difference(
    caplog: pytest.LogCaptureFixture,
) -> None:
    world = World()
    moved = world.add('{"cron": "5 14 * * *", "timezone": "Europe/Berlin"}')
    same = world.add('{"cron": "*/10 * * * *"}')
    kept = world.schedules._schedules  # noqa: SLF001 - as an older version would have left it
    stale = {"tzdata_version": "1999a", "next_at": NOON + HOUR + 5 * MINUTE}
    kept[moved.id] = replace(kept[moved.id], **stale)  # type: ignore[arg-type]
    kept[same.id] = replace(kept[same.id], tzdata_version="1999a")
    for task in world.tasks_of(moved, until=NOON + HOUR):
        del world.tasks._tasks[task.id]  # noqa: SLF001

    world.tick()

    assert world.found(moved).tzdata_version == TZDATA_VERSION
    assert [t.occurrence_at for t in world.tasks_of(moved, until=NOON + HOUR)] == [
        NOON + 5 * MINUTE
    ]
    [line] = [r for r in caplog.records if getattr(r, "event", "") == "tzdata_changed"]
    assert line.schedule_id == moved.id  # type: ignore[attr-defined]
    assert line.was == "2026-06-01T13:05:00+00:00"  # type: ignore[attr-defined]
    assert line.is_now == "2026-06-01T12:05:00+00:00"  # type: ignore[attr-defined]
