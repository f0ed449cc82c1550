"""What every schedule store promises function `tick`."""

from dataclasses import replace
from datetime import datetime, timedelta

from dueline.domain.missed import Missed, MissedPolicy, Verdict
from dueline.domain.overlap import Overlap
from dueline.domain.retry import Backoff, RetryPolicy
from dueline.domain.schedules import Pause, Schedule
from dueline.domain.tasks import DueTask, TaskRef, TaskStatus
from dueline.schedule_store.interface import Overdue, Settled
from tests.conformance.schedule_store_fixtures import Stores
from tests.conformance.schedule_store_steps import added, expanded, expansion, found, tasks_of
from tests.factories import MINUTE, NOON, SECOND, make_occurrence, make_outcome, make_task_id

HOUR = timedelta(hours=1)


def due(stores: Stores, *, now: datetime = NOON, until: datetime = NOON + HOUR) -> list[str]:
    return [s.id for s in stores.schedules.due_page(now=now, until=until, limit=10)]


def overdue(stores: Stores, *, now: datetime = NOON, limit: int = 10) -> list[Overdue]:
    return stores.schedules.overdue_page(now=now, due_before=now - SECOND, limit=limit)


def test_schedules_come_up_in_the_order_of_their_next_instants(stores: Stores) -> None:
    second = added(stores, next_at=NOON + 2 * MINUTE)
    first = added(stores, next_at=NOON + MINUTE, tenant="other")
    added(stores, next_at=NOON + HOUR + SECOND)
    added(stores, next_at=None)

    assert due(stores) == [first.id, second.id]


def test_a_paused_schedule_comes_up_when_its_pause_is_over(stores: Stores) -> None:
    added(stores, pause=Pause(at=NOON - HOUR))
    until_noon = added(stores, pause=Pause(at=NOON - HOUR, until=NOON))

    assert due(stores, now=NOON - SECOND) == []
    assert due(stores, now=NOON) == [until_noon.id]


def test_a_schedule_comes_up_with_all_that_says_when(stores: Stores) -> None:
    schedule = added(
        stores,
        missed=Missed(policy=MissedPolicy.ALL, within=None, pace=2 * SECOND),
        pause=Pause(at=NOON - HOUR, until=NOON - MINUTE, note="x"),
        paced_until=NOON,
        runs_made=3,
        version=2,
    )

    [recurring] = stores.schedules.due_page(now=NOON, until=NOON + HOUR, limit=1)

    names = ("id", "tenant", "version", "queue", "rule", "created_at", "missed", "pause")
    for name in (*names, "next_at", "runs_made", "paced_until"):
        assert getattr(recurring, name) == getattr(schedule, name)


def test_an_expansion_makes_tasks_of_the_template_and_moves_the_schedule_on(
    stores: Stores,
) -> None:
    retry = RetryPolicy(max_attempts=2, backoff=Backoff.FIXED, max_age=HOUR)
    schedule = added(
        stores,
        tenant="other",
        tags=("x",),
        timeout=SECOND,
        retry=retry,
        overlap=Overlap.SKIP,
        runs_made=4,
    )
    runs = make_occurrence(execute_at=NOON + MINUTE + SECOND, due_at=NOON + 2 * MINUTE)
    missed = make_occurrence(NOON + 2 * MINUTE, skipped="missed: why")
    plan = expansion(schedule, runs, missed, next_at=NOON + 3 * MINUTE)
    plan = replace(plan, paced_until=NOON + 2 * MINUTE)

    inserted = stores.schedules.expand([plan], now=NOON)

    assert inserted == {runs.id, missed.id}
    assert found(stores, schedule) == replace(
        schedule, next_at=NOON + 3 * MINUTE, runs_made=6, paced_until=NOON + 2 * MINUTE
    )
    first, second = tasks_of(stores, schedule)
    assert (first.status, second.status) == (TaskStatus.PENDING, TaskStatus.SKIPPED)
    assert (second.error, second.finished_at) == ("missed: why", NOON)
    assert (first.execute_at, first.due_at) == (runs.execute_at, runs.due_at)
    assert (first.tenant, first.type, first.payload) == ("other", "email", schedule.payload)
    assert (first.tags, first.timeout, first.retry) == (("x",), SECOND, retry)
    assert (first.overlap, first.created_at) == (Overlap.SKIP, NOON)


def test_of_two_expansions_of_one_state_the_first_alone_does_something(stores: Stores) -> None:
    schedule = added(stores)
    first = expansion(schedule, make_occurrence())
    second = expansion(schedule, make_occurrence(), make_occurrence(NOON + 2 * MINUTE))

    stores.schedules.expand([first], now=NOON)

    assert stores.another().expand([second], now=NOON) == set()
    assert [task.id for task in tasks_of(stores, schedule)] == [first.occurrences[0].id]


def test_an_expansion_of_an_older_version_does_nothing(stores: Stores) -> None:
    schedule = added(stores)
    stores.schedules.replace(schedule, schedule, now=NOON)

    inserted = stores.schedules.expand([expansion(schedule, make_occurrence())], now=NOON)

    assert inserted == set()
    assert found(stores, schedule).next_at == schedule.next_at


def test_an_expansion_does_not_wait_for_the_others_of_its_batch(stores: Stores) -> None:
    gone, there = added(stores), added(stores)
    stores.schedules.delete("default", gone.id, version=None, now=NOON)
    plans = [expansion(gone, make_occurrence()), expansion(there, make_occurrence(), next_at=None)]

    inserted = stores.schedules.expand(plans, now=NOON)

    assert inserted == {plans[1].occurrences[0].id}
    assert found(stores, there).next_at is None


def test_an_expansion_without_schedules_is_nothing(stores: Stores) -> None:
    assert stores.schedules.expand([], now=NOON) == set()


def test_occurrences_that_were_not_sent_in_time_are_found_by_schedule(stores: Stores) -> None:
    one = expanded(stores, added(stores), NOON - 3 * SECOND, NOON - 2 * SECOND, NOON)
    other = expanded(stores, added(stores, next_at=NOON + MINUTE), NOON - 3 * SECOND)
    early = {task.id: DueTask(task.ref, task.due_at) for task in tasks_of(stores, one)[:2]}

    by_id = {page.schedule.id: page for page in overdue(stores)}

    assert by_id[one.id].tasks == list(early.values())
    assert by_id[one.id].later_due  # the one of noon
    assert by_id[one.id].schedule.next_at == one.next_at
    assert len(by_id[other.id].tasks) == 1
    assert not by_id[other.id].later_due


def test_an_instant_that_is_not_made_yet_counts_as_a_later_one_when_it_is_due(
    stores: Stores,
) -> None:
    schedule = expanded(stores, added(stores), NOON - 2 * MINUTE)

    [before] = overdue(stores, now=NOON - MINUTE - SECOND)
    [after] = overdue(stores, now=NOON - MINUTE)

    assert schedule.next_at == NOON - MINUTE
    assert (before.later_due, after.later_due) == (False, True)


def test_what_has_begun_was_put_off_or_was_made_late_is_not_overdue(stores: Stores) -> None:
    schedule = added(stores)
    at = NOON - 10 * SECOND
    made_late = make_occurrence(at)
    put_off = make_occurrence(at + SECOND, due_at=at + 2 * SECOND)
    running = make_occurrence(at + 2 * SECOND)
    stores.schedules.expand([expansion(schedule, made_late, next_at=NOON)], now=NOON)
    seen = found(stores, schedule)
    plan = expansion(seen, put_off, running, next_at=NOON + HOUR)
    stores.schedules.expand([plan], now=NOON - MINUTE)
    ref = TaskRef(running.id, 0)
    stores.tasks.claim([ref], now=NOON, until=NOON, lease=MINUTE, worker="worker-1")

    assert overdue(stores) == []


def test_at_most_so_many_overdue_ones_are_found_earliest_first(stores: Stores) -> None:
    schedule = expanded(stores, added(stores), *[NOON - n * SECOND for n in (9, 8, 7)])

    [page] = overdue(stores, limit=2)

    assert [task.due_at for task in page.tasks] == [NOON - 9 * SECOND, NOON - 8 * SECOND]
    assert page.later_due
    assert page.schedule.id == schedule.id


def test_missed_occurrences_are_skipped_or_put_off_under_a_new_fence(stores: Stores) -> None:
    schedule = expanded(stores, added(stores), NOON - 2 * MINUTE, NOON - MINUTE)
    first, second = tasks_of(stores, schedule)
    verdicts = [(first.ref, Verdict(None, "missed: x")), (second.ref, Verdict(NOON, None))]

    put_off = stores.schedules.settle([Settled(schedule.id, verdicts, NOON)], now=NOON)

    assert put_off == [("default", DueTask(TaskRef(second.id, 1), NOON))]
    skipped, pending = tasks_of(stores, schedule)
    assert (skipped.status, skipped.error, skipped.fence) == (TaskStatus.SKIPPED, "missed: x", 1)
    assert (skipped.finished_at, pending.status) == (NOON, TaskStatus.PENDING)
    assert (pending.due_at, pending.error) == (NOON, None)
    assert found(stores, schedule).paced_until == NOON
    assert overdue(stores) == []


def test_what_was_settled_by_another_is_left_alone(stores: Stores) -> None:
    schedule = expanded(stores, added(stores), NOON - MINUTE)
    [task] = tasks_of(stores, schedule)
    skip = Settled(schedule.id, [(task.ref, Verdict(None, "missed: x"))], None)
    put_off = Settled(schedule.id, [(task.ref, Verdict(NOON, None))], None)
    stores.schedules.settle([skip], now=NOON)

    assert stores.another().settle([put_off], now=NOON) == []
    assert tasks_of(stores, schedule)[0].status is TaskStatus.SKIPPED


def test_the_pace_never_goes_back(stores: Stores) -> None:
    schedule = added(stores, paced_until=NOON + HOUR)

    stores.schedules.settle([Settled(schedule.id, [], NOON)], now=NOON)

    assert found(stores, schedule).paced_until == NOON + HOUR


def test_schedules_of_other_time_zone_rules_are_found(stores: Stores) -> None:
    older = added(stores, tzdata_version="2024a")
    newer = added(stores, tzdata_version="2099a", tenant="other")
    added(stores, tzdata_version="2025b")
    added(stores, tzdata_version="2024a", next_at=None)

    page = stores.schedules.outdated_page(tzdata_version="2025b", limit=10)

    assert set(page) == {("default", older.id), ("other", newer.id)}


def run(stores: Stores, schedule: Schedule, at: datetime, status: TaskStatus) -> None:
    """An occurrence of that instant that has ended so a second later."""
    task_id = make_task_id()
    stores.schedules.make(
        schedule.tenant,
        schedule.id,
        [make_occurrence(at, id=task_id)],
        overlap=Overlap.ALLOW,
        now=at,
    )
    [claim] = stores.tasks.claim(
        [TaskRef(task_id, 0)], now=at, until=at, lease=MINUTE, worker="worker-1"
    ).claims
    error = "it failed" if status is TaskStatus.FAILED else None
    ended = make_outcome(claim, status=status, started_at=at, ended_at=at + SECOND, error=error)
    stores.tasks.record([ended], worker="worker-1")


def failing(stores: Stores, now: datetime = NOON + HOUR) -> list[str]:
    page = stores.schedules.failing_page(now=now, failed_since=NOON, limit=10)
    return [schedule_id for _, schedule_id in page]


def test_a_schedule_fails_when_so_many_failed_in_a_row(stores: Stores) -> None:
    schedule = added(stores, pause_after_failures=2)
    other = added(stores)

    for n, status in enumerate((TaskStatus.FAILED, TaskStatus.COMPLETED, TaskStatus.FAILED), 1):
        run(stores, schedule, NOON + n * MINUTE, status)
        run(stores, other, NOON + n * MINUTE, TaskStatus.FAILED)
    before = failing(stores)
    run(stores, schedule, NOON + 4 * MINUTE, TaskStatus.FAILED)

    assert before == []
    assert failing(stores) == [schedule.id]


def test_failures_count_anew_after_a_change_and_are_forgotten_in_time(stores: Stores) -> None:
    schedule = added(stores, pause_after_failures=1)
    run(stores, schedule, NOON + MINUTE, TaskStatus.FAILED)
    paused = added(stores, pause_after_failures=1, pause=Pause(at=NOON))
    run(stores, paused, NOON + MINUTE, TaskStatus.FAILED)
    long_ago = NOON + 2 * HOUR

    late = stores.schedules.failing_page(now=long_ago, failed_since=NOON + HOUR, limit=10)
    before = failing(stores)
    stores.schedules.replace(schedule, schedule, now=NOON + 2 * MINUTE)

    assert before == [schedule.id]
    assert late == []
    assert failing(stores) == []
