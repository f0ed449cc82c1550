"""schema.sql, as a PostgreSQL server understands it."""

import re
import threading

import pytest

from dueline.domain.errors import BackendUnavailable
from dueline.domain.tasks import FINAL, MOVES, TaskStatus
from dueline.task_store.schema import apply_schema
from tests.conformance.task_store_fixtures import run_sql

pytestmark = pytest.mark.postgres

CHECK = "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = :name"


def words(url: str, constraint: str) -> set[str]:
    """The texts that a CHECK lists."""
    [[definition]] = run_sql(url, CHECK, name=constraint)
    return set(re.findall(r"'(\w+)'::text", definition))


def test_statuses_moves_and_checks_agree(postgres_url: str) -> None:
    known = words(postgres_url, "tasks_status_is_known")
    finished = words(postgres_url, "tasks_finished_when_final")

    targets = {status for moves in MOVES.values() for status in moves}

    assert known == set(TaskStatus) == set(MOVES) == targets
    assert finished == FINAL


def test_the_schema_can_be_applied_again_and_keeps_what_is_there(postgres_url: str) -> None:
    run_sql(
        postgres_url,
        "INSERT INTO attempts (task_id, attempt, ended_at, outcome, error)"
        " VALUES (gen_random_uuid(), 1, now(), 'failed', 'x')",
    )

    apply_schema(postgres_url)

    assert run_sql(postgres_url, "SELECT count(*) FROM attempts") == [[1]]


def test_several_can_apply_the_schema_to_a_new_database_at_once(fresh_database_url: str) -> None:
    failures: list[Exception] = []

    def apply() -> None:
        try:
            apply_schema(fresh_database_url)
        except Exception as error:  # noqa: BLE001 - told to the test's own thread
            failures.append(error)

    threads = [threading.Thread(target=apply) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert failures == []
    assert run_sql(fresh_database_url, "SELECT count(*) FROM tasks") == [[0]]


def test_every_constraint_has_a_name_that_says_its_rule(postgres_url: str) -> None:
    named_by_the_server = run_sql(
        postgres_url,
        "SELECT conname FROM pg_constraint WHERE connamespace = 'public'::regnamespace"
        " AND conname ~ '_(check\\d*|key|fkey)$'",
    )

    assert named_by_the_server == []


def test_a_server_that_is_not_there_is_named_by_its_address() -> None:
    with pytest.raises(BackendUnavailable, match=r"schema\.sql \(127\.0\.0\.1:1\): "):
        apply_schema("postgresql://someone:secret@127.0.0.1:1/somewhere")
