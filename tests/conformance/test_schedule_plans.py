"""How PostgreSQL runs the statements about schedules: by key or by their own index."""

from contextlib import closing
from typing import Any

import pytest

from dueline.schedule_store import rows
from dueline.schedule_store.postgres import PostgresScheduleStore
from dueline.task_store import parameters
from dueline.task_store.connection import Connection, Values
from dueline.task_store.schema import apply_schema
from dueline.task_store.sql_files import sql_names
from tests.conformance.task_store_fixtures import run_sql
from tests.conformance.test_postgres_plans import Planner, nodes
from tests.factories import MINUTE, NOON, make_occurrence, make_schedule

pytestmark = pytest.mark.postgres

OF_SCHEDULE = "tasks_one_per_occurrence_idx"
# Of `tasks`. Of `schedules` any index will do: each begins with what is looked up.
BY_INDEX = {
    "add": set[str](),
    "get": set[str](),
    "page": set[str](),
    "replace": {OF_SCHEDULE},
    "made_after": {OF_SCHEDULE},
    "delete": {OF_SCHEDULE},
    "occurrences": {OF_SCHEDULE},
    "make": {OF_SCHEDULE},
    "skip": {OF_SCHEDULE},
    "unskip": {OF_SCHEDULE},
    "due_page": set[str](),
    "expand": set[str](),
    "overdue_page": {"tasks_made_ahead_idx", OF_SCHEDULE},
    "settle": {"tasks_pkey"},
    "outdated_page": set[str](),
    "failing_page": {"tasks_failed_occurrence_idx", OF_SCHEDULE},
}
SCHEDULE = make_schedule(name="nightly")
ONE = make_occurrence()
NOTHING = "{}"
VALUES: Values = {
    **rows.parameters_of(SCHEDULE),
    **parameters.of_refs([]),
    "schedule_id": SCHEDULE.id,
    "seen_version": 1,
    "seen_next_at": NOON.isoformat(),
    "before": "ffffffff-ffff-ffff-ffff-ffffffffffff",
    "after": 3,
    "now": NOON.isoformat(),
    "until": NOON.isoformat(),
    "due_before": NOON.isoformat(),
    "failed_since": NOON.isoformat(),
    "at": NOON.isoformat(),
    "execute_at": NOON.isoformat(),
    "limit": 500,
    "reason": "skipped by hand",
    "sparing": "skipped by hand",
    **dict.fromkeys(("tag", "name_prefix", "paused")),
    **dict.fromkeys(("schedule_ids", "versions", "seen_next_ats", "next_ats"), NOTHING),
    **dict.fromkeys(("paced_untils", "schedules", "ats", "execute_ats"), NOTHING),
    **dict.fromkeys(("due_ats", "reasons"), NOTHING),
}
ARRAYS: Values = {**VALUES, "runs_made": NOTHING}


def fill(url: str, schedules: int) -> None:
    with closing(Connection(url)) as connection:
        store = PostgresScheduleStore(connection)
        for _ in range(schedules):
            schedule = make_schedule()
            store.add(schedule)
            planned = [make_occurrence(NOON + n * MINUTE) for n in range(50)]
            store.make("default", schedule.id, planned, overlap=schedule.overlap, now=NOON)


def indexes(plan: dict[str, Any]) -> set[str]:
    """Through which indexes the plan reads `tasks`; fails for a table that it reads as a whole."""
    assert not [node for node in nodes(plan) if "Join Filter" in node]
    assert not [node for node in nodes(plan) if node["Node Type"] == "Seq Scan"]
    names = {node["Index Name"] for node in nodes(plan) if "Index Name" in node}
    return {name for name in names if name.startswith("tasks_")}


def name_of(statement: str) -> str:
    return statement.removeprefix("schedule_store/")


@pytest.mark.parametrize("analyzed_at", [0, 200])
def test_schedules_and_their_tasks_are_read_by_their_indexes(
    fresh_database_url: str, analyzed_at: int
) -> None:
    url = fresh_database_url
    apply_schema(url)
    for table in ("tasks", "schedules"):
        run_sql(url, f"ALTER TABLE {table} SET (autovacuum_enabled = false)")
    fill(url, analyzed_at)
    run_sql(url, "ANALYZE tasks, schedules")
    fill(url, 200)

    planned: dict[str, set[str]] = {}
    for name in sql_names("schedule_store"):
        values = ARRAYS if name_of(name) == "expand" else VALUES
        if name_of(name) == "occurrences":
            values = {**VALUES, "before": 3}
        planner = Planner(url, setting="SET enable_seqscan = off", names=[name], values=values)
        with closing(planner):
            planned[name_of(name)] = indexes(planner.plan(name))

    assert planned == BY_INDEX
