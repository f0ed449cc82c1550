"""What happens in PostgreSQL when two meet at the same row. Each meeting is staged with an open
transaction, so that it happens every time."""

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from dueline.domain.tasks import Claim, Task, TaskRef, TaskStatus
from dueline.task_store import parameters
from dueline.task_store.connection import open_connection
from dueline.task_store.interface import Claimed
from dueline.task_store.postgres import PostgresTaskStore
from dueline.task_store.postgres_url import PostgresUrl
from dueline.task_store.sql_files import read_sql
from tests.conformance.task_store_fixtures import run_sql
from tests.conformance.task_store_steps import LANE, LEASE, WORKER, added, claim, found, running
from tests.eventually import eventually
from tests.factories import MINUTE, NOON, make_outcome, make_task_id

pytestmark = pytest.mark.postgres

LATER = NOON + LEASE + MINUTE
LOW, HIGH = sorted([make_task_id(), make_task_id()])


class OtherSession:
    """Someone else's transaction, held open for as long as the test wants."""

    def __init__(self, url: str) -> None:
        self._connection = open_connection(PostgresUrl.parse(url))
        self._connection.run("BEGIN")

    def run(self, name: str, **values: str | int) -> None:
        """One of the adapter's statements."""
        self._connection.run(read_sql(name), **values)

    def lock(self, task: Task) -> None:
        self._connection.run("SELECT FROM tasks WHERE id = :id::uuid FOR UPDATE", id=task.id)

    def can_lock(self, task: Task) -> bool:
        """Whether nobody holds the task's row. Takes the lock if so."""
        found = self._connection.run(
            "SELECT 1 FROM tasks WHERE id = :id::uuid FOR UPDATE SKIP LOCKED", id=task.id
        )
        return bool(found)

    def commit(self) -> None:
        self._connection.run("COMMIT")

    def close(self) -> None:
        self._connection.close()


@pytest.fixture
def store(postgres_url: str) -> Iterator[PostgresTaskStore]:
    store = PostgresTaskStore(postgres_url)
    yield store
    store.close()


@pytest.fixture
def other(postgres_url: str) -> Iterator[OtherSession]:
    other = OtherSession(postgres_url)
    yield other
    other.close()


class Waiting:
    """A call on a thread of its own that is known to wait for a row's lock."""

    def __init__(self, url: str, call: Callable[[], Any]) -> None:
        self._answers: list[Any] = []
        self._thread = threading.Thread(target=lambda: self._answers.append(call()))
        self._thread.start()
        waits = "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
        eventually(lambda: run_sql(url, waits))

    def answer(self) -> Any:
        self._thread.join()
        [answer] = self._answers
        return answer


def claim_values(*refs: TaskRef) -> dict[str, str]:
    return parameters.of_refs(refs) | {
        "now": NOON.isoformat(),
        "until": NOON.isoformat(),
        "lease": parameters.interval(LEASE),
        "worker": "other",
    }


def test_a_claim_that_waited_for_a_mark_gets_its_tasks(
    store: PostgresTaskStore, other: OtherSession, postgres_url: str
) -> None:
    tasks = [added(store) for _ in range(3)]
    refs = [task.ref for task in tasks]
    other.run("mark_queued", **parameters.of_refs(refs), now=NOON.isoformat())
    claiming = Waiting(postgres_url, lambda: claim(store, *refs))

    other.commit()

    claimed = claiming.answer()
    assert {one.ref for one in claimed.claims} == {TaskRef(task.id, 1) for task in tasks}
    assert {found(store, task).status for task in tasks} == {TaskStatus.RUNNING}


def test_a_claim_that_waited_for_another_claim_gets_nothing(
    store: PostgresTaskStore, other: OtherSession, postgres_url: str
) -> None:
    task = added(store)
    other.run("claim", **claim_values(task.ref))
    claiming = Waiting(postgres_url, lambda: claim(store, task.ref))

    other.commit()

    assert claiming.answer() == Claimed([], [])
    assert (found(store, task).worker, found(store, task).attempt) == ("other", 1)


def test_a_record_that_waited_for_the_end_of_its_lease_is_fenced_out(
    store: PostgresTaskStore, other: OtherSession, postgres_url: str
) -> None:
    task = added(store)
    outcome = make_outcome(running(store, task))
    other.run("end_lost_leases", now=LATER.isoformat(), limit=10)
    recording = Waiting(postgres_url, lambda: store.record([outcome], worker=WORKER))

    other.commit()

    assert recording.answer() == set()
    assert found(store, task).status is TaskStatus.PENDING


def test_a_mark_passes_over_a_task_that_is_being_claimed(
    store: PostgresTaskStore, other: OtherSession
) -> None:
    task, free = added(store), added(store)
    other.run("claim", **claim_values(task.ref))

    marked = store.mark_queued([task.ref, free.ref], now=NOON)

    other.commit()
    assert marked == 1
    assert found(store, task).status is TaskStatus.RUNNING
    assert found(store, free).status is TaskStatus.QUEUED


def test_the_sweeps_pass_over_tasks_that_someone_holds(
    store: PostgresTaskStore, other: OtherSession
) -> None:
    queued, lost = added(store), added(store)
    store.mark_queued([queued.ref], now=NOON)
    running(store, lost)
    other.lock(queued)
    other.lock(lost)

    assert store.reset_unclaimed(LANE, queued_before=LATER, limit=10) == []
    assert store.end_lost_leases(now=LATER, limit=10) == []


Statement = Callable[[PostgresTaskStore, list[Claim]], object]
ON_RUNNING: dict[str, Statement] = {
    "renew": lambda store, claims: store.renew([c.ref for c in claims], now=NOON, lease=LEASE),
    "record": lambda store, claims: store.record(list(map(make_outcome, claims)), worker=WORKER),
}


@pytest.mark.parametrize("statement", ON_RUNNING.values(), ids=ON_RUNNING)
def test_running_tasks_are_locked_in_the_order_of_their_ids(
    store: PostgresTaskStore, other: OtherSession, postgres_url: str, statement: Statement
) -> None:
    low, high = added(store, id=LOW), added(store, id=HIGH)
    claims = [running(store, high), running(store, low)]
    other.lock(high)

    waiting = Waiting(postgres_url, lambda: statement(store, claims))

    assert not other.can_lock(low)
    other.commit()
    waiting.answer()


def test_claimed_tasks_are_locked_in_the_order_of_their_ids(
    store: PostgresTaskStore, other: OtherSession, postgres_url: str
) -> None:
    low, high = added(store, id=LOW), added(store, id=HIGH)
    other.lock(high)

    waiting = Waiting(postgres_url, lambda: claim(store, high.ref, low.ref))

    assert not other.can_lock(low)
    other.commit()
    assert len(waiting.answer().claims) == 2


def test_a_statement_that_loses_a_deadlock_is_sent_again(
    store: PostgresTaskStore, other: OtherSession, postgres_url: str
) -> None:
    low, high = added(store, id=LOW), added(store, id=HIGH)
    other.lock(high)
    claiming = Waiting(postgres_url, lambda: claim(store, low.ref, high.ref))

    other.lock(low)  # PostgreSQL ends the one that waited longer: the claim
    other.commit()

    assert len(claiming.answer().claims) == 2
