"""Why an instant of a schedule ran late, twice or not at all."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from dueline.domain.explanation import Explanation, Verdict, explain
from dueline.domain.schedules import Pause, Schedule
from dueline.domain.tasks import Attempt, Task, TaskStatus
from tests.factories import MINUTE, NOON, SECOND, make_task, make_task_id

DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
MS = timedelta(milliseconds=1)


def schedule_of(rule: str = '{"cron": "0 * * * *"}', **fields: Any) -> Schedule:
    """Hourly, made a week before noon, expanded to a day after it."""
    values: dict[str, Any] = {
        "id": make_task_id(),
        "rule": rule,
        "created_at": NOON - 7 * DAY,
        "updated_at": NOON - 7 * DAY,
        "type": "report",
        "queue": "default",
        "payload": "{}",
        "next_at": NOON + DAY,
    }
    return Schedule(**{**values, **fields})


def task_at(at: datetime, **fields: Any) -> Task:
    return make_task(
        **{
            "execute_at": at,
            "schedule_id": make_task_id(),
            "occurrence_at": at,
            "created_at": at - 15 * MINUTE,
            **fields,
        }
    )


def ran_at(at: datetime, started: datetime, **fields: Any) -> Task:
    values: dict[str, Any] = {
        "status": TaskStatus.COMPLETED,
        "attempt": 1,
        "first_started_at": started,
        "started_at": started,
        "finished_at": started + SECOND,
        "queued_at": at - 50 * MS,
        **fields,
    }
    return task_at(at, **values)


def explained(
    *around: Task,
    at: datetime = NOON,
    schedule: Schedule | None = None,
    now: datetime = NOON + HOUR / 2,
    attempts: Sequence[Attempt] = (),
) -> Explanation:
    return explain(schedule or schedule_of(), at, now=now, around=around, attempts=attempts)


def test_what_ran_in_time_is_told_by_how_little_it_was_late() -> None:
    found = explained(ran_at(NOON, NOON + 3 * MS), ran_at(NOON - HOUR, NOON - HOUR))

    assert (found.verdict, found.reasons) == (
        Verdict.ON_TIME,
        ["It started 3.000 ms after its time."],
    )
    assert [task.occurrence_at for task in found.tasks] == [NOON]
    assert found.next_at == NOON + HOUR


@pytest.mark.parametrize(
    ("task", "reason"),
    [
        (ran_at(NOON, NOON + 9 * SECOND), "It waited 0:00:09.050000 in the work queue"),
        (
            ran_at(NOON, NOON + 9 * SECOND, queued_at=NOON + 9 * SECOND),
            "It came into the work queue 0:00:09 after it was due",
        ),
        (
            ran_at(NOON, NOON + 9 * SECOND, created_at=NOON + 8 * SECOND),
            "Its task was made 0:00:08 after its time",
        ),
        (ran_at(NOON, NOON + 9 * SECOND, due_at=NOON + 8 * SECOND), "It was put off to"),
    ],
)
def test_what_ran_late_is_told_where_the_time_went(task: Task, reason: str) -> None:
    found = explained(task)

    assert found.verdict is Verdict.LATE
    assert found.reasons[0].startswith("It started 0:00:09 after its time")
    assert found.reasons[1].startswith(reason)


def test_what_was_tried_twice_is_told_with_each_attempt() -> None:
    task = ran_at(NOON, NOON + 2 * MS, attempt=2)
    lost = Attempt(
        task_id=task.id,
        attempt=1,
        started_at=NOON,
        ended_at=NOON + MINUTE,
        outcome="lease_lost",
        error="the lease ran out",
        worker="execute-1",
    )

    found = explained(task, attempts=[lost])

    assert found.verdict is Verdict.TWICE
    assert found.reasons == [
        "It was tried 2 times.",
        "Attempt 1: lease_lost, the lease ran out",
    ]


def test_a_run_by_hand_beside_it_is_named() -> None:
    by_hand = ran_at(NOON + MINUTE, NOON + MINUTE)

    found = explained(ran_at(NOON, NOON), by_hand, ran_at(NOON + HOUR, NOON + HOUR))

    assert found.verdict is Verdict.TWICE
    assert found.reasons[-1].startswith(f"Task {by_hand.id} was run by hand")
    assert len(found.tasks) == 2


def test_the_two_passes_of_a_time_that_the_clock_repeats_are_named() -> None:
    first, second = (datetime(2026, 10, 25, hour, 30, tzinfo=UTC) for hour in (0, 1))
    rule = '{"cron": "30 2 * * *", "timezone": "Europe/Berlin", "dst_overlap": "both"}'
    schedule = schedule_of(rule, next_at=second + DAY)

    found = explained(
        ran_at(first, first), ran_at(second, second), at=first, schedule=schedule, now=second + DAY
    )

    assert found.verdict is Verdict.TWICE
    assert "The clock in Europe/Berlin reads 2026-10-25 02:30:00 twice" in found.reasons[1]
    assert "the pass at 2026-10-25T01:30:00+00:00" in found.reasons[2]


def test_the_pass_that_the_policy_leaves_out_is_no_occurrence() -> None:
    second = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)
    schedule = schedule_of('{"cron": "30 2 * * *", "timezone": "Europe/Berlin"}')

    found = explained(at=second, schedule=schedule, now=second + DAY)

    assert found.verdict is Verdict.NO_OCCURRENCE
    assert "(dst_overlap: first)" in found.reasons[0]


def test_a_run_that_stands_for_a_gap_says_so() -> None:
    at = datetime(2026, 3, 29, 1, tzinfo=UTC)
    schedule = schedule_of('{"cron": "30 2 * * *", "timezone": "Europe/Berlin"}')

    found = explained(ran_at(at, at), at=at, schedule=schedule)

    assert found.verdict is Verdict.ON_TIME
    assert "jumped over" in found.reasons[1]


@pytest.mark.parametrize(
    ("status", "error"),
    [
        (TaskStatus.SKIPPED, "missed: a later one was due as well (missed: latest)"),
        (TaskStatus.SKIPPED, "skipped by hand: holiday"),
        (TaskStatus.CANCELLED, "its schedule was deleted"),
    ],
)
def test_what_was_dropped_is_told_with_its_reason(status: TaskStatus, error: str) -> None:
    found = explained(task_at(NOON, status=status, error=error, finished_at=NOON))

    assert (found.verdict, found.reasons) == (
        Verdict.NOT_RUN,
        [f"Its task is {status}: {error}."],
    )


def test_what_failed_is_told_with_its_error() -> None:
    failed = ran_at(NOON, NOON, status=TaskStatus.FAILED, error="no printer")

    assert explained(failed).reasons == ["It failed: no printer"]


@pytest.mark.parametrize(
    ("task", "now", "reason"),
    [
        (task_at(NOON), NOON - MINUTE, "It is due at"),
        (task_at(NOON), NOON + MINUTE, "It is due since"),
        (
            task_at(NOON, status=TaskStatus.QUEUED, queued_at=NOON),
            NOON + MINUTE,
            "It has been in the work queue since",
        ),
    ],
)
def test_what_waits_is_told_what_it_waits_for(task: Task, now: datetime, reason: str) -> None:
    found = explained(task, now=now)

    assert found.verdict is Verdict.WAITING
    assert found.reasons[0].startswith(reason)


@pytest.mark.parametrize(
    ("changes", "verdict", "reason"),
    [
        ({"created_at": NOON + SECOND}, Verdict.NOT_RUN, "The schedule was made later"),
        ({"next_at": None}, Verdict.NOT_RUN, "The schedule had ended"),
        (
            {"next_at": NOON, "pause": Pause(at=NOON - HOUR, note="leaky")},
            Verdict.NOT_RUN,
            "The schedule is paused since 2026-06-01T11:00:00+00:00: leaky.",
        ),
        ({"next_at": NOON}, Verdict.WAITING, "Its task is not made yet: the tick is behind"),
        ({"updated_at": NOON + SECOND}, Verdict.NOT_RUN, "The definition was changed later"),
        ({}, Verdict.NOT_RUN, "Its task is not there any more"),
    ],
)
def test_an_instant_without_a_task_is_told_why(
    changes: dict[str, Any], verdict: Verdict, reason: str
) -> None:
    found = explained(schedule=replace(schedule_of(), **changes))

    assert found.verdict is verdict
    assert found.reasons[0].startswith(reason)


def test_an_instant_ahead_waits_for_its_task() -> None:
    found = explained(at=NOON + 2 * DAY)

    assert found.verdict is Verdict.WAITING
    assert found.reasons[0].startswith("It lies ahead")


@pytest.mark.parametrize(
    ("rule", "reason"),
    [
        ('{"cron": "30 * * * *"}', "The rule does not run at this instant."),
        ('{"cron": "0 * * * *", "exclude": "2026-06-01"}', "It is excluded (exclude)."),
        ('{"cron": "0 * * * *", "starts_at": "2026-06-02T00:00:00Z"}', "The rule begins at"),
        ('{"cron": "0 * * * *", "ends_at": "2026-05-02T00:00:00Z"}', "The rule ended at"),
    ],
)
def test_an_instant_that_the_rule_has_not_is_told_why(rule: str, reason: str) -> None:
    found = explained(schedule=schedule_of(rule))

    assert found.verdict is Verdict.NO_OCCURRENCE
    assert found.reasons[0].startswith(reason)


def test_a_task_of_an_earlier_definition_is_told_apart() -> None:
    found = explained(ran_at(NOON, NOON), schedule=schedule_of('{"cron": "30 * * * *"}'))

    assert found.verdict is Verdict.ON_TIME
    assert "or under an earlier definition" in found.reasons[1]


def test_jitter_is_told() -> None:
    schedule = schedule_of('{"cron": "0 * * * *", "jitter": 60}')

    found = explained(ran_at(NOON, NOON + MS), schedule=schedule)

    assert found.reasons[1].startswith("Jitter moves its start by 0:00:")
