"""What happens in PostgreSQL when two meet at one schedule. Each meeting is staged with an open
transaction, so that it happens every time."""

import threading
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace

import pytest

from dueline.domain.overlap import Overlap
from dueline.domain.tasks import Task, TaskStatus
from dueline.schedule_store import rows
from dueline.task_store.postgres import PostgresTaskStore
from tests.conformance.schedule_store_fixtures import Stores, postgres_stores
from tests.conformance.schedule_store_steps import added, expanded, expansion, found, tasks_of
from tests.conformance.test_postgres_races import OtherSession, Waiting, claim_values
from tests.factories import MINUTE, NOON, SECOND, make_occurrence

pytestmark = pytest.mark.postgres


@pytest.fixture
def stores(postgres_url: str) -> Iterator[Stores]:
    with ExitStack() as stack:
        yield postgres_stores(postgres_url, stack)


@pytest.fixture
def other(postgres_url: str) -> Iterator[OtherSession]:
    other = OtherSession(postgres_url)
    yield other
    other.close()


def two_due(stores: Stores, overlap: Overlap) -> list[Task]:
    """Two occurrences of one schedule that are due at noon."""
    schedule = added(stores, overlap=overlap)
    expanded(stores, schedule, NOON - SECOND, NOON)
    return list(tasks_of(stores, schedule))


@pytest.mark.parametrize(
    ("overlap", "status"),
    [(Overlap.SKIP, TaskStatus.SKIPPED), (Overlap.BUFFER_ONE, TaskStatus.PENDING)],
)
def test_of_two_claims_at_once_one_starts_and_the_other_sees_it(
    stores: Stores, other: OtherSession, postgres_url: str, overlap: Overlap, status: TaskStatus
) -> None:
    first, second = two_due(stores, overlap)
    other.run("claim", **claim_values(first.ref))
    claiming = Waiting(
        postgres_url,
        lambda: stores.tasks.claim(
            [second.ref], now=NOON, until=NOON, lease=MINUTE, worker="worker-1"
        ),
    )

    other.commit()

    assert claiming.answer().claims == []
    now = [stores.tasks.get("default", task.id) for task in (first, second)]
    assert [task.status for task in now if task] == [TaskStatus.RUNNING, status]


@pytest.mark.parametrize("overlap", [Overlap.SKIP, Overlap.BUFFER_ONE, Overlap.BUFFER_ALL])
def test_however_many_claim_at_once_one_runs(
    stores: Stores, postgres_url: str, overlap: Overlap
) -> None:
    schedule = added(stores, overlap=overlap)
    expanded(stores, schedule, *[NOON - n * SECOND for n in range(8)])
    tasks = tasks_of(stores, schedule)
    together = threading.Barrier(len(tasks))

    def claim(task: Task) -> None:
        store = PostgresTaskStore(postgres_url)
        store.server_time()  # it is connected
        together.wait()
        store.claim([task.ref], now=NOON, until=NOON, lease=MINUTE, worker="worker-1")
        store.close()

    threads = [threading.Thread(target=claim, args=(task,)) for task in tasks]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    statuses = [task.status for task in tasks_of(stores, schedule)]
    assert statuses.count(TaskStatus.RUNNING) == 1
    if overlap is Overlap.BUFFER_ALL:
        assert statuses.count(TaskStatus.PENDING) == len(tasks) - 1
    if overlap is Overlap.SKIP:
        assert statuses.count(TaskStatus.SKIPPED) == len(tasks) - 1


def test_an_expansion_passes_over_a_schedule_that_is_being_changed(
    stores: Stores, other: OtherSession
) -> None:
    changed, free = added(stores), added(stores)
    values = rows.changed_parameters_of(changed, changed, NOON)
    other.run("schedule_store/replace", **values)  # type: ignore[arg-type]
    plans = [expansion(one, make_occurrence()) for one in (changed, free)]

    inserted = stores.schedules.expand(plans, now=NOON)

    other.commit()
    assert inserted == {plans[1].occurrences[0].id}
    assert tasks_of(stores, changed) == []


def test_a_change_that_waited_for_an_expansion_does_nothing(
    stores: Stores, other: OtherSession, postgres_url: str
) -> None:
    seen = added(stores)
    moved_on = {**rows.changed_parameters_of(seen, seen, NOON)}
    later = (NOON + 2 * MINUTE).isoformat()
    other.run("schedule_store/replace", **(moved_on | {"next_at": later}))  # type: ignore[arg-type]
    changing = Waiting(
        postgres_url,
        lambda: stores.schedules.replace(seen, replace(seen, payload='{"a": 1}'), now=NOON),
    )

    other.commit()

    assert changing.answer() is False
    assert found(stores, seen).payload == seen.payload
