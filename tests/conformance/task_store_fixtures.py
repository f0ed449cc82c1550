"""The task stores that the conformance tests judge, and the server for those that need one."""

import os
import re
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import pytest

from dueline.task_store.connection import open_connection
from dueline.task_store.interface import TaskStore
from dueline.task_store.memory import MemoryTaskStore
from dueline.task_store.postgres import PostgresTaskStore
from dueline.task_store.postgres_url import PostgresUrl
from dueline.task_store.schema import apply_schema
from local.services.model import Unavailable
from local.services.postgres import start_postgres


@dataclass(frozen=True, slots=True, kw_only=True)
class Backing:
    """What a test can do besides calling the store: what no port offers."""

    another: Callable[[], TaskStore]  # one more client of the same data
    poison: Callable[[], list[tuple[bytes, str, str, int]]]  # body, lane, reason, times


@dataclass(frozen=True, slots=True, kw_only=True)
class Judged:
    """A task store and what is behind it."""

    store: TaskStore
    backing: Backing


def run_sql(url: str, sql: str, **values: Any) -> list[list[Any]]:
    """Run statements on a connection of their own."""
    connection = open_connection(PostgresUrl.parse(url))
    try:
        return list(connection.run(sql, **values) or [])
    finally:
        connection.close()


@contextmanager
def new_database(server_url: str, name: str) -> Iterator[str]:
    """The URL of an empty database that is dropped at the end."""
    run_sql(server_url, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
    run_sql(server_url, f'CREATE DATABASE "{name}"')
    try:
        yield urlsplit(server_url)._replace(path=f"/{name}").geturl()
    finally:
        run_sql(server_url, f'DROP DATABASE "{name}" WITH (FORCE)')


@pytest.fixture(scope="session")
def postgres_server_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A server to make databases on: DUELINE_POSTGRES_URL's, or a private one."""
    with ExitStack() as stack:
        try:
            server = stack.enter_context(
                start_postgres(
                    tmp_path_factory.mktemp("postgres"),
                    environ=os.environ,
                    settings={"fsync": "off"},  # no test here pulls the plug
                )
            )
        except Unavailable as error:
            if os.environ.get("CI"):
                raise
            pytest.skip(str(error))
        yield server.service.url


@pytest.fixture(scope="session")
def _shared_database(postgres_server_url: str) -> Iterator[str]:
    with new_database(postgres_server_url, f"dueline_conformance_{os.getpid()}") as url:
        apply_schema(url)
        yield url


# What is counted, and what is there (docs/decisions/0040).
_MISCOUNTED = """
WITH counted AS (
    SELECT tenant, type, queue, status, lateness, run_time, n FROM task_changes
    UNION ALL
    SELECT tenant, type, queue, status, lateness, run_time, n FROM task_counts
), there AS (
    SELECT tenant, type, queue, 'created' AS status, -1 AS lateness, -1 AS run_time, -1 AS n
      FROM tasks
    UNION ALL
    SELECT tenant, type, queue, status,
           CASE WHEN status IN ('completed', 'failed')
                THEN duration_bucket(first_started_at - execute_at) ELSE -1 END,
           CASE WHEN status IN ('completed', 'failed')
                THEN duration_bucket(finished_at - started_at) ELSE -1 END, -1
      FROM tasks
     WHERE finished_at IS NOT NULL
)
SELECT tenant, type, queue, status, lateness, run_time, sum(n)::int
  FROM (SELECT * FROM counted UNION ALL SELECT * FROM there) AS both_ways
 GROUP BY 1, 2, 3, 4, 5, 6
HAVING sum(n) <> 0
"""


@pytest.fixture
def postgres_url(_shared_database: str) -> Iterator[str]:
    """A database with the schema and no rows. At its end every task must have been counted: so
    each test of a statement is a test of that too."""
    _empty(_shared_database)
    yield _shared_database
    assert run_sql(_shared_database, _MISCOUNTED) == []


def _empty(url: str) -> None:
    [[tables]] = run_sql(
        url,
        "SELECT string_agg(relname, ', ') FROM pg_class"
        " WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace",
    )
    run_sql(url, f"TRUNCATE {tables}")


@pytest.fixture
def fresh_database_url(postgres_server_url: str, request: pytest.FixtureRequest) -> Iterator[str]:
    """A database of the test's own, for what changes the schema or the statistics."""
    name = re.sub(r"\W", "_", request.node.name)[:40]
    with new_database(postgres_server_url, f"{name}_{os.getpid()}") as url:
        yield url


@pytest.fixture(
    params=[
        "memory",
        pytest.param("postgres", marks=pytest.mark.postgres),
        pytest.param("postgres_pooled", marks=pytest.mark.postgres),
    ]
)
def judged(request: pytest.FixtureRequest) -> Iterator[Judged]:
    if request.param == "memory":
        yield _memory()
        return
    url = request.getfixturevalue("postgres_url")
    with ExitStack() as stack:
        yield _postgres(f"{url}?pooled=true" if request.param == "postgres_pooled" else url, stack)


@pytest.fixture
def store(judged: Judged) -> TaskStore:
    return judged.store


@pytest.fixture
def backing(judged: Judged) -> Backing:
    return judged.backing


def _memory() -> Judged:
    store = MemoryTaskStore()
    return Judged(
        store=store,
        backing=Backing(
            another=lambda: store,
            poison=lambda: [(p.body, p.lane, p.reason, p.times) for p in store.poison.values()],
        ),
    )


def _postgres(url: str, stack: ExitStack) -> Judged:
    def client() -> TaskStore:
        store = PostgresTaskStore(url)
        stack.callback(store.close)
        return store

    return Judged(
        store=client(),
        backing=Backing(
            another=client,
            poison=lambda: _poison(url),
        ),
    )


def _poison(url: str) -> list[tuple[bytes, str, str, int]]:
    found = run_sql(url, "SELECT body, lane, reason, times FROM poison ORDER BY lane, digest")
    return [(bytes(body), lane, reason, times) for body, lane, reason, times in found]
