"""How PostgreSQL runs the statements: by key or by their own index, whatever it believes."""

from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from pg8000 import native

from dueline.domain.ids import LAST_ID, new_task_id
from dueline.domain.task_filter import TaskFilter
from dueline.task_store import parameters
from dueline.task_store.connection import Values, open_connection
from dueline.task_store.postgres import PostgresTaskStore
from dueline.task_store.postgres_url import PostgresUrl
from dueline.task_store.schema import apply_schema
from dueline.task_store.sql_files import read_sql, sql_names
from tests.conformance.task_store_fixtures import run_sql
from tests.conformance.task_store_steps import LANE, LEASE, WORKER
from tests.factories import NOON, SECOND, make_claim, make_outcome, make_task, make_task_id

pytestmark = pytest.mark.postgres

BY_KEY = {name: {"tasks_pkey"} for name in ("mark_queued", "record", "renew", "cancel", "edit")}
BY_INDEX = {
    "claim": {"tasks_pkey", "tasks_overlap_idx"},
    "pending_page": {"tasks_due_idx"},
    "earliest_due": {"tasks_due_idx"},
    "has_unclaimed": {"tasks_queued_idx"},
    "oldest_due": {"tasks_due_idx", "tasks_queued_idx"},
    "reset_unclaimed": {"tasks_queued_idx", "tasks_pkey"},
    "end_lost_leases": {"tasks_running_idx", "tasks_pkey"},
    "list_tasks": {"tasks_listed_idx"},
    "retry": {"tasks_dedupe_idx", "tasks_pkey"},
    "list_ids": {"tasks_listed_idx"},
    "list_occurrences": {"tasks_one_per_occurrence_idx"},
}
OUTCOMES = [make_outcome(make_claim()) for _ in range(100)]
VALUES: Values = {
    **parameters.of_outcomes(OUTCOMES),
    **parameters.of_lane(LANE),
    **parameters.of_filter(TaskFilter(schedule_id=make_task_id())),
    "tenant": "default",
    "before_id": make_task_id(),
    "from_id": make_task_id(),
    "before_at": "infinity",
    "scan": 5_000,
    "execute_at": NOON.isoformat(),
    "payload": "{}",
    "now": NOON.isoformat(),
    "until": NOON.isoformat(),
    "after": "-infinity",
    "after_id": LAST_ID,
    "lease": parameters.interval(LEASE),
    "lease_until": (NOON + LEASE).isoformat(),
    "queued_before": NOON.isoformat(),
    "limit": 500,
    "worker": WORKER,
}


WORKERS_COST_NOTHING = """
SET min_parallel_index_scan_size = 0; SET min_parallel_table_scan_size = 0;
SET parallel_setup_cost = 0; SET parallel_tuple_cost = 0
"""


def fill(url: str, count: int) -> None:
    store = PostgresTaskStore(url)
    store.add([make_task(execute_at=NOON + n * SECOND) for n in range(count)])
    store.close()


class Planner:
    """A session that prepares every statement and shows their plans."""

    def __init__(
        self,
        url: str,
        *,
        setting: str,
        names: Iterable[str] = (*BY_KEY, *BY_INDEX),
        values: Values = VALUES,
    ) -> None:
        self._connection = open_connection(PostgresUrl.parse(url))
        self._connection.run(setting)
        self._values: dict[str, str] = {}
        for name in names:
            statement, in_order = native.to_statement(read_sql(name))
            self._connection.run(f'PREPARE "{name}" AS {statement}')
            self._values[name] = ", ".join(_literal(value) for value in in_order(values))

    def indexes(self) -> dict[str, set[str]]:
        """For each statement, through which indexes it reads `tasks`."""
        return {name: indexes(self.plan(name)) for name in self._values}

    def close(self) -> None:
        self._connection.close()

    def plan(self, name: str) -> dict[str, Any]:
        """How the server runs a statement."""
        execute = f'EXECUTE "{name}" ({self._values[name]})'
        [[[explained]]] = self._connection.run(f"EXPLAIN (FORMAT JSON) {execute}")
        return dict(explained["Plan"])


def _literal(value: object) -> str:
    return "NULL" if value is None else str(native.literal(str(value)))


def nodes(plan: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield plan
    for child in plan.get("Plans", []):
        yield from nodes(child)


def indexes(plan: dict[str, Any]) -> set[str]:
    """Through which indexes the plan reads `tasks`; fails if it reads it in any other way."""
    assert not [node for node in nodes(plan) if "Join Filter" in node]
    reads = [
        node
        for node in nodes(plan)
        if node.get("Relation Name") == "tasks" and node["Node Type"] != "ModifyTable"
    ]
    assert {node["Node Type"] for node in reads} <= {"Index Scan", "Index Only Scan"}
    return {node["Index Name"] for node in reads}


@pytest.fixture
def url(fresh_database_url: str) -> str:
    """A database in which statistics are only made on demand."""
    apply_schema(fresh_database_url)
    run_sql(fresh_database_url, "ALTER TABLE tasks SET (autovacuum_enabled = false)")
    return fresh_database_url


@pytest.fixture
def planner(url: str, request: pytest.FixtureRequest) -> Iterator[Planner]:
    planner = Planner(url, setting=request.param)
    yield planner
    planner.close()


@pytest.mark.parametrize("name", sql_names())
def test_every_statement_can_be_prepared(postgres_url: str, name: str) -> None:
    connection = open_connection(PostgresUrl.parse(postgres_url))

    prepared = connection.prepare(read_sql(name))

    prepared.close()
    connection.close()


@pytest.mark.parametrize(
    "planner",
    ["RESET enable_seqscan", "SET enable_seqscan = on"],
    ids=["the adapter's session", "any session"],
    indirect=True,
)
def test_with_stale_statistics_tasks_are_read_by_their_indexes(url: str, planner: Planner) -> None:
    run_sql(url, "ANALYZE tasks")  # it is empty

    fill(url, 20_000)

    assert planner.indexes() == BY_KEY | BY_INDEX


@pytest.mark.parametrize(
    "planner", ["RESET enable_seqscan"], ids=["the adapter's session"], indirect=True
)
def test_where_nearly_all_tasks_wait_lists_are_not_looked_for_among_all(
    url: str, planner: Planner
) -> None:
    store = PostgresTaskStore(url)
    store.add([make_task(id=new_task_id(NOON + n * SECOND)) for n in range(20_000)])
    store.close()
    run_sql(url, "ANALYZE tasks")

    assert indexes(planner.plan("list_tasks")) == {"tasks_listed_idx"}
    assert indexes(planner.plan("list_ids")) == {"tasks_listed_idx"}


@pytest.mark.parametrize(
    "planner", [WORKERS_COST_NOTHING], ids=["as in a large table"], indirect=True
)
def test_no_process_is_started_to_help_with_a_statement(url: str, planner: Planner) -> None:
    fill(url, 20_000)
    run_sql(url, "ANALYZE tasks")

    plans = [planner.plan(name) for name in BY_KEY | BY_INDEX]

    assert not [node for plan in plans for node in nodes(plan) if "Gather" in node["Node Type"]]


@pytest.mark.parametrize(
    "planner", ["RESET enable_seqscan"], ids=["the adapter's session"], indirect=True
)
def test_plans_made_while_the_table_was_small_are_right_when_it_is_large(
    url: str, planner: Planner
) -> None:
    fill(url, 60)
    run_sql(url, "ANALYZE tasks")
    planner.indexes()  # they are kept from here on

    fill(url, 20_000)

    assert planner.indexes() == BY_KEY | BY_INDEX
