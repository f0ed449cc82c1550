"""What the PostgreSQL adapter does when the server, the connection or the schema is at fault."""

import socket
from collections.abc import Iterator
from contextlib import closing
from urllib.parse import urlsplit

import pytest

from dueline.domain.errors import BackendUnavailable, DuelineError
from dueline.domain.tasks import DEFAULT_TENANT, TaskRef, TaskStatus
from dueline.task_store.interface import Claimed
from dueline.task_store.postgres import PostgresTaskStore
from dueline.task_store.postgres_accepting import COPIED_FROM
from dueline.task_store.schema import apply_schema
from tests.conformance.lossy_relay import LossyRelay
from tests.conformance.making import Making, Unmade
from tests.conformance.task_store_fixtures import run_sql
from tests.conformance.task_store_steps import LEASE, WORKER, added, claim, found, running, statuses
from tests.factories import MINUTE, NOON, SECOND, make_outcome, make_task

pytestmark = pytest.mark.postgres

SECRET = "correct-horse"


@pytest.fixture
def relay(postgres_url: str) -> Iterator[LossyRelay]:
    with closing(LossyRelay(postgres_url)) as relay:
        yield relay


@pytest.fixture
def store(relay: LossyRelay) -> Iterator[PostgresTaskStore]:
    with closing(PostgresTaskStore(relay.url)) as store:
        yield store


def break_connections(url: str) -> None:
    run_sql(
        url,
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()",
    )


def changed(url: str, **parts: str) -> str:
    return urlsplit(url)._replace(**parts).geturl()


def error_of(url: str) -> BackendUnavailable:
    """How a ping of this server fails."""
    with closing(PostgresTaskStore(url)) as store, pytest.raises(BackendUnavailable) as raised:
        store.ping()
    assert raised.value.backend == "postgres"
    return raised.value


def test_after_a_broken_connection_the_next_call_is_answered_on_a_new_one(
    store: PostgresTaskStore, postgres_url: str
) -> None:
    task = added(store)
    break_connections(postgres_url)

    assert store.get(task.tenant, task.id) == task


def test_tasks_whose_answer_was_lost_are_added_once(
    store: PostgresTaskStore, relay: LossyRelay
) -> None:
    added(store)  # so that it is prepared
    relay.lose_next_answer()

    task = added(store)

    assert store.get(task.tenant, task.id) == task
    assert statuses(store)[TaskStatus.PENDING] == 2


def test_outcomes_whose_answer_was_lost_are_known_to_be_recorded(
    store: PostgresTaskStore, relay: LossyRelay
) -> None:
    task = added(store)
    outcome = make_outcome(running(store, task))
    store.record([make_outcome()], worker=WORKER)  # so that it is prepared
    relay.lose_next_answer()

    recorded = store.record([outcome], worker=WORKER)

    assert recorded == {task.id}
    assert found(store, task).status is TaskStatus.COMPLETED


def test_a_claim_whose_answer_was_lost_is_not_sent_again_and_its_lease_repairs_it(
    store: PostgresTaskStore, relay: LossyRelay
) -> None:
    task = added(store)
    claim(store, make_task().ref)  # so that it is prepared, and the next answer is that to a claim
    relay.lose_next_answer()

    with pytest.raises(BackendUnavailable, match="claim") as raised:
        claim(store, task.ref)

    assert raised.value.__cause__ is not None
    assert claim(store, task.ref) == Claimed([], [])
    [(_, again)] = store.end_lost_leases(now=NOON + LEASE + SECOND, limit=10)
    assert again.ref == TaskRef(task.id, 2)


def test_a_connection_that_failed_inside_the_driver_is_not_used_again(
    store: PostgresTaskStore, postgres_url: str
) -> None:
    task = added(store)
    before = backends(postgres_url)

    refused = store.get(DEFAULT_TENANT, "half a pair: \ud800")

    assert refused is None
    assert store.get(task.tenant, task.id) == task
    assert backends(postgres_url) != before


def test_the_answer_to_a_statement_comes_in_one_piece(
    store: PostgresTaskStore, relay: LossyRelay
) -> None:
    added(store)  # so that it is prepared, and the session is the tenant's
    before = relay.pieces

    for _ in range(20):
        added(store)  # between "executed" and "ready" the server writes to its disk

    assert relay.pieces == before + 20


def test_a_batch_that_could_not_be_made_whole_leaves_the_connection_as_it_was(
    store: PostgresTaskStore, postgres_url: str
) -> None:
    added(store)
    before = backends(postgres_url)

    with pytest.raises(Unmade):
        store.add(Making(COPIED_FROM, good=COPIED_FROM - 1))

    added(store)
    assert backends(postgres_url) == before


def backends(url: str) -> set[int]:
    others = (
        "SELECT pid FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    return {pid for [pid] in run_sql(url, others)}


def test_a_server_that_is_not_there_is_unavailable_and_named_without_the_password() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]

    error = error_of(f"postgresql://me:{SECRET}@127.0.0.1:{port}/db")

    assert f"127.0.0.1:{port}" in str(error)
    assert SECRET not in str(error)


def test_a_missing_database_is_named_with_the_fix(postgres_url: str) -> None:
    error = error_of(changed(postgres_url, path="/no_such_database"))

    assert "no_such_database" in str(error)
    assert "create the database" in str(error)


def test_a_missing_table_is_named_with_the_fix(fresh_database_url: str) -> None:
    error = error_of(fresh_database_url)

    assert '"tasks" does not exist' in str(error)
    assert "apply schema.sql" in str(error)


def test_once_the_schema_is_applied_the_same_store_answers(fresh_database_url: str) -> None:
    with closing(PostgresTaskStore(fresh_database_url)) as store:
        with pytest.raises(BackendUnavailable):
            store.ping()

        apply_schema(fresh_database_url)

        store.ping()


def test_a_row_that_breaks_a_rule_is_refused_without_quoting_its_payload(
    store: PostgresTaskStore,
) -> None:
    wrong = make_task(payload=f'"{SECRET}"', due_at=NOON - MINUTE)

    with pytest.raises(DuelineError, match="tasks_never_due_before_asked") as raised:
        store.add([wrong])

    assert SECRET not in str(raised.value)
    assert raised.value.__cause__ is None


def test_a_store_that_was_closed_opens_again(store: PostgresTaskStore) -> None:
    task = added(store)

    store.close()

    assert store.get(task.tenant, task.id) == task
