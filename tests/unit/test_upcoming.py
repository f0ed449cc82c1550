"""When a schedule runs next."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from msgspec import structs

from dueline.domain.recurrence import between, next_after
from dueline.domain.schedules import Schedule, begun, paused, recurrence_of
from dueline.domain.tasks import Task, TaskStatus
from dueline.domain.upcoming import next_runs
from tests.factories import MINUTE, NOON, make_task, make_task_id


def schedule_of(rule: str = '{"cron": "* * * * *"}', **fields: Any) -> Schedule:
    schedule = Schedule(
        id=make_task_id(),
        rule=rule,
        created_at=NOON,
        updated_at=NOON,
        type="report",
        queue="default",
        payload="{}",
        next_at=None,
        **fields,
    )
    return begun(schedule)


def expanded(schedule: Schedule, until: datetime) -> tuple[Schedule, list[Task]]:
    """As after an expansion: the schedule, and the tasks of its instants through `until`."""
    rule = recurrence_of(schedule)
    instants = between(rule, schedule.created_at, until, limit=99)
    next_at = next_after(rule, until, runs_made=len(instants))
    tasks = [make_task(execute_at=at, occurrence_at=at, schedule_id=schedule.id) for at in instants]
    return replace(schedule, next_at=next_at, runs_made=len(instants)), tasks


def minutes(*numbers: int) -> list[datetime]:
    return [NOON + number * MINUTE for number in numbers]


def test_what_is_made_and_what_is_to_be_made_are_one_row() -> None:
    schedule, _ = expanded(schedule_of(), NOON + 3 * MINUTE)

    assert next_runs(schedule, NOON, limit=5) == minutes(1, 2, 3, 4, 5)
    assert next_runs(schedule, NOON + 2 * MINUTE, limit=3) == minutes(3, 4, 5)


def test_max_runs_ends_them_wherever_expansion_is() -> None:
    schedule = schedule_of('{"cron": "* * * * *", "max_runs": 4}')
    half_made, _ = expanded(schedule, NOON + 2 * MINUTE)

    assert next_runs(schedule, NOON, limit=9) == minutes(1, 2, 3, 4)
    assert next_runs(half_made, NOON, limit=9) == minutes(1, 2, 3, 4)


def test_what_an_ended_schedule_has_still_to_run_is_known_from_its_tasks() -> None:
    schedule, tasks = expanded(
        schedule_of('{"cron": "* * * * *", "max_runs": 2}'), NOON + 9 * MINUTE
    )

    assert schedule.next_at is None
    assert next_runs(schedule, NOON, limit=5, made=tasks) == minutes(1, 2)


@pytest.mark.parametrize("status", [TaskStatus.SKIPPED, TaskStatus.CANCELLED])
def test_what_will_not_run_is_left_out(status: TaskStatus) -> None:
    schedule, tasks = expanded(schedule_of(), NOON + 3 * MINUTE)

    skipped = [structs.replace(tasks[1], status=status), structs.replace(tasks[2])]

    assert next_runs(schedule, NOON, limit=3, made=skipped) == minutes(1, 3, 4)


def test_nothing_comes_next_while_it_is_paused_without_an_end() -> None:
    assert next_runs(paused(schedule_of(), NOON), NOON, limit=5) == []


def test_a_pause_with_an_end_is_followed_by_runs() -> None:
    schedule = paused(schedule_of(), NOON, until=NOON + 3 * MINUTE)

    assert next_runs(schedule, NOON, limit=2) == minutes(3, 4)
    assert next_runs(schedule, NOON + timedelta(days=1), limit=1) == [
        NOON + timedelta(days=1) + MINUTE
    ]


@pytest.mark.parametrize(("max_runs", "shown"), [(None, 3), (10**9, 0)])
def test_a_pause_of_a_thousand_years_is_not_counted_through(
    max_runs: int | None, shown: int
) -> None:
    limit = "" if max_runs is None else f', "max_runs": {max_runs}'
    schedule = paused(
        schedule_of(f'{{"every": 1{limit}}}'), NOON, until=NOON + timedelta(days=365_000)
    )

    assert len(next_runs(schedule, NOON, limit=3)) == shown
