"""What every stats store promises, of tasks as they are and while they change."""

from collections.abc import Iterator, Mapping
from contextlib import ExitStack
from datetime import timedelta
from typing import Any, NamedTuple

import pytest

from dueline.domain.histograms import BOUNDS
from dueline.domain.retry import RetryPolicy
from dueline.domain.tasks import Task, TaskStatus
from dueline.stats_store.interface import Kind, StatsStore
from dueline.stats_store.memory import MemoryStatsStore
from dueline.stats_store.postgres import PostgresStatsStore
from dueline.task_store.connection import Connection
from dueline.task_store.interface import TaskStore
from dueline.task_store.memory import MemoryTaskStore
from dueline.task_store.postgres import PostgresTaskStore
from tests.conformance.task_store_steps import added, running
from tests.factories import MINUTE, NOON, SECOND, make_outcome, make_task

EMAIL = Kind("email", "default")
TENANT = "default"


class Stores(NamedTuple):
    tasks: TaskStore
    stats: StatsStore


@pytest.fixture(
    params=[
        "memory",
        pytest.param("postgres", marks=pytest.mark.postgres),
        pytest.param("postgres_pooled", marks=pytest.mark.postgres),
    ]
)
def stores(request: pytest.FixtureRequest) -> Iterator[Stores]:
    if request.param == "memory":
        tasks = MemoryTaskStore()
        yield Stores(tasks, MemoryStatsStore(tasks))
        return
    url = request.getfixturevalue("postgres_url")
    with ExitStack() as stack:
        pooled = "?pooled=true" if request.param == "postgres_pooled" else ""
        connection = Connection(f"{url}{pooled}")
        stack.callback(connection.close)
        yield Stores(PostgresTaskStore(connection), PostgresStatsStore(connection))


@pytest.fixture(params=[False, True], ids=["unfolded", "folded"])
def fold(stores: Stores, request: pytest.FixtureRequest) -> Any:
    """Called before a look: answers are the same whether the changes are folded or not."""
    return lambda: stores.stats.fold(now=NOON, limit=1_000) if request.param else None


def ended(stores: Stores, *, late: timedelta, took: timedelta, **overrides: Any) -> Task:
    """A task that started so late and took so long."""
    status = overrides.pop("status", TaskStatus.COMPLETED)
    task = added(stores.tasks, **overrides)
    started = task.execute_at + late
    claim = running(stores.tasks, task, now=started)
    outcome = make_outcome(claim, status=status, started_at=started, ended_at=started + took)
    assert stores.tasks.record([outcome], worker="w")
    return task


def counts(stores: Stores, kind: Kind = EMAIL, tenant: str = TENANT) -> Mapping[str, int]:
    found = stores.stats.counts(tenant).get(kind, {})
    return {status: count for status, count in found.items() if count}


def test_tasks_are_counted_by_status_type_and_queue(stores: Stores, fold: Any) -> None:
    pending, queued, runs = (added(stores.tasks) for _ in range(3))
    stores.tasks.mark_queued([queued.ref], now=NOON)
    running(stores.tasks, runs)
    ended(stores, late=SECOND, took=SECOND)
    ended(stores, late=SECOND, took=SECOND, status=TaskStatus.FAILED)
    added(stores.tasks, type="report", queue="slow")
    added(stores.tasks, tenant="another")

    fold()

    assert counts(stores) == {
        "created": 5,
        "pending": 1,
        "queued": 1,
        "running": 1,
        "completed": 1,
        "failed": 1,
    }
    assert counts(stores, Kind("report", "slow")) == {"created": 1, "pending": 1}
    assert counts(stores, tenant="another") == {"created": 1, "pending": 1}
    assert set(stores.stats.counts(TENANT)) == {EMAIL, Kind("report", "slow")}
    assert pending


def test_every_status_has_a_count(stores: Stores) -> None:
    added(stores.tasks)

    assert set(stores.stats.counts(TENANT)[EMAIL]) == {*TaskStatus, "created"}


def test_what_expired_and_what_lost_its_lease_is_counted_too(stores: Stores, fold: Any) -> None:
    expired = added(stores.tasks, expires_at=NOON + SECOND)
    refs = [expired.ref]
    stores.tasks.claim(refs, now=NOON + SECOND, until=NOON + SECOND, lease=MINUTE, worker="w")
    lost = added(stores.tasks, retry=RetryPolicy(max_attempts=1))
    running(stores.tasks, lost)
    stores.tasks.end_lost_leases(now=NOON + timedelta(hours=1), limit=10)

    fold()

    assert counts(stores) == {"created": 2, "skipped": 1, "failed": 1}


def test_many_tasks_at_once_are_counted_once(stores: Stores, fold: Any) -> None:
    tasks = [make_task() for _ in range(250)]
    stores.tasks.add(tasks)
    stores.tasks.add(tasks)
    stores.tasks.add(tasks[:5])

    fold()

    assert counts(stores) == {"created": 250, "pending": 250}


def test_waiting_are_those_that_have_not_ended(stores: Stores, fold: Any) -> None:
    added(stores.tasks)
    running(stores.tasks, added(stores.tasks))
    ended(stores, late=SECOND, took=SECOND)
    added(stores.tasks, tenant="another")

    fold()

    assert stores.stats.waiting(TENANT) == 2
    assert stores.stats.waiting("nobody") == 0


def test_periods_tell_what_happened_when_and_how_it_fared(stores: Stores, fold: Any) -> None:
    ended(stores, late=0.15 * SECOND, took=3 * SECOND)  # made at 11:59, ended at 12:00
    ended(stores, late=0.15 * SECOND, took=90 * SECOND)  # ended at 12:01
    ended(stores, late=SECOND, took=SECOND, status=TaskStatus.FAILED)
    added(stores.tasks, tenant="another")

    fold()

    periods = stores.stats.periods(
        TENANT, since=NOON - 5 * MINUTE, until=NOON + 5 * MINUTE, length=5 * MINUTE
    )
    before, after = periods
    assert (before.start, before.kind, before.created) == (NOON - 5 * MINUTE, EMAIL, 3)
    assert before.ended == {}
    assert (after.start, after.created) == (NOON, 0)
    assert after.ended == {"completed": 2, "failed": 1}
    assert after.ran.lateness == {bucket(0.15): 2, bucket(1): 1}
    assert after.ran.run_time == {bucket(3): 1, bucket(90): 1, bucket(1): 1}


def bucket(seconds: float) -> int:
    return sum(bound <= seconds for bound in BOUNDS)


def test_a_period_ends_before_its_end(stores: Stores, fold: Any) -> None:
    ended(stores, late=SECOND, took=SECOND)  # made at 11:59, ended at 12:00:02

    fold()

    def found(since: timedelta, until: timedelta) -> int:
        return len(
            stores.stats.periods(TENANT, since=NOON + since, until=NOON + until, length=MINUTE)
        )

    assert found(-MINUTE, MINUTE) == 2
    assert found(-MINUTE, 0 * MINUTE) == 1
    assert found(0 * MINUTE, MINUTE) == 1
    assert found(MINUTE, 2 * MINUTE) == 0


def test_the_operator_sees_all_tenants_together(stores: Stores, fold: Any) -> None:
    ended(stores, late=0.15 * SECOND, took=3 * SECOND)
    ended(stores, late=0.25 * SECOND, took=SECOND, tenant="another")
    queued = added(stores.tasks)
    stores.tasks.mark_queued([queued.ref], now=NOON)
    added(stores.tasks, queue="slow")
    stores.tasks.keep_poison(b"x", reason="r", lane="default.0", now=NOON)

    fold()

    seen = stores.stats.installation(now=NOON + SECOND)
    assert dict(seen.counts) == {
        ("default", "created"): 3,
        ("default", "completed"): 2,
        ("default", "queued"): 1,
        ("slow", "created"): 1,
    }
    assert seen.ran["default"].lateness == {bucket(0.15): 1, bucket(0.25): 1}
    assert seen.ran["default"].lateness_seconds == pytest.approx(0.4)
    assert seen.ran["default"].run_seconds == pytest.approx(4)
    assert seen.past_due == {"slow": 1}
    assert seen.poison == 1
    assert stores.stats.installation(now=NOON - SECOND).past_due == {}


def test_a_beat_is_kept_and_adds_up(stores: Stores) -> None:
    stores.stats.beat(["default.0", "mail.0"], now=NOON, counters={"overdue": 2, "sent": 0})
    stores.stats.beat(["default.0"], now=NOON + SECOND, counters={"overdue": 3})
    stores.stats.beat(["default.0"], now=NOON, counters={})  # another tick, a little behind

    assert stores.stats.beats() == {"default.0": NOON + SECOND, "mail.0": NOON}
    assert stores.stats.installation(now=NOON).counters == {"overdue": 5}


def test_a_result_that_came_too_late_is_counted(stores: Stores) -> None:
    late, fine = (added(stores.tasks) for _ in range(2))
    outcomes = [make_outcome(running(stores.tasks, task)) for task in (late, fine)]
    stores.tasks.end_lost_leases(now=NOON + timedelta(hours=1), limit=1)
    [lost] = [task for task in (late, fine) if stores.tasks.get(TENANT, task.id).fence == 2]  # type: ignore[union-attr]

    recorded = stores.tasks.record(outcomes, worker="w")

    assert recorded == {late.id, fine.id} - {lost.id}
    assert stores.stats.installation(now=NOON).counters == {"fenced_out": 1}
