"""How PostgreSQL keeps what is counted."""

import json
import re
from collections.abc import Iterator

import pytest

from dueline.domain.histograms import BOUNDS
from dueline.stats_store.interface import KEPT_FOR
from dueline.stats_store.postgres import PostgresStatsStore
from dueline.task_store.connection import Connection, open_connection
from dueline.task_store.postgres import PostgresTaskStore
from dueline.task_store.postgres_url import PostgresUrl
from dueline.task_store.schema import apply_schema
from dueline.task_store.sql_files import read_sql, sql_names
from tests.conformance.task_store_fixtures import run_sql
from tests.conformance.task_store_steps import added
from tests.conformance.test_stats_store import Stores, counts, ended
from tests.factories import NOON, SECOND


@pytest.fixture
def connection(postgres_url: str) -> Iterator[Connection]:
    connection = Connection(postgres_url)
    yield connection
    connection.close()


@pytest.mark.postgres
def test_a_fold_leaves_nothing_to_fold_and_loses_nothing(
    postgres_url: str, connection: Connection
) -> None:
    stores = Stores(PostgresTaskStore(connection), PostgresStatsStore(connection))
    for _ in range(5):
        added(stores.tasks)

    assert stores.stats.fold(now=NOON, limit=3) == 3
    assert counts(stores) == {"created": 5, "pending": 5}
    assert stores.stats.fold(now=NOON, limit=3) == 2
    assert stores.stats.fold(now=NOON, limit=3) == 0

    assert counts(stores) == {"created": 5, "pending": 5}
    assert run_sql(postgres_url, "SELECT count(*) FROM task_changes") == [[0]]


@pytest.mark.postgres
def test_while_one_folds_another_does_nothing(postgres_url: str, connection: Connection) -> None:
    stores = Stores(PostgresTaskStore(connection), PostgresStatsStore(connection))
    added(stores.tasks)
    other = open_connection(PostgresUrl.parse(postgres_url))
    other.run("BEGIN")
    other.run("SELECT pg_advisory_xact_lock(hashtext('dueline: fold'))")

    assert stores.stats.fold(now=NOON, limit=10) == 0

    other.run("COMMIT")
    other.close()
    assert stores.stats.fold(now=NOON, limit=10) == 1


@pytest.mark.postgres
def test_old_minutes_are_forgotten_and_the_totals_stay(
    postgres_url: str, connection: Connection
) -> None:
    stores = Stores(PostgresTaskStore(connection), PostgresStatsStore(connection))
    added(stores.tasks)
    stores.stats.fold(now=NOON, limit=10)
    assert run_sql(postgres_url, "SELECT count(*) FROM task_minutes") == [[1]]

    stores.stats.fold(now=NOON + KEPT_FOR, limit=10)

    assert run_sql(postgres_url, "SELECT count(*) FROM task_minutes") == [[0]]
    assert counts(stores) == {"created": 1, "pending": 1}


@pytest.mark.postgres
def test_the_database_has_the_same_bounds(postgres_url: str) -> None:
    [[source]] = run_sql(postgres_url, "SELECT pg_get_functiondef('duration_bucket'::regproc)")
    listed = re.search(r"\{([^}]*)\}", source)
    assert listed

    assert json.loads(f"[{listed[1]}]") == list(BOUNDS)


@pytest.mark.postgres
@pytest.mark.parametrize("name", sql_names("stats_store"))
def test_every_statement_can_be_prepared(postgres_url: str, name: str) -> None:
    connection = open_connection(PostgresUrl.parse(postgres_url))

    prepared = connection.prepare(read_sql(name))

    prepared.close()
    connection.close()


@pytest.mark.postgres
def test_tasks_that_were_there_before_the_counts_are_counted(
    postgres_url: str, connection: Connection
) -> None:
    stores = Stores(PostgresTaskStore(connection), PostgresStatsStore(connection))
    ended(stores, late=SECOND, took=SECOND)
    added(stores.tasks)
    before = stores.stats.counts("default")
    for name in ("in", "out", "when_moved", "when_requeued"):
        run_sql(postgres_url, f"DROP TRIGGER tasks_counted_{name} ON tasks")
    run_sql(postgres_url, "TRUNCATE task_changes")

    apply_schema(postgres_url)
    apply_schema(postgres_url)

    assert stores.stats.counts("default") == before
    added(stores.tasks)
    assert counts(stores) == {"created": 3, "pending": 2, "completed": 1}
