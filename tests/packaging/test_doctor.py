"""dueline doctor and dueline db check, as an operator runs them against real servers."""

import json
from collections.abc import Iterator, Mapping

import pytest

from dueline.task_store.connection import open_connection
from dueline.task_store.postgres_url import PostgresUrl
from tests.packaging.conftest import dueline, dueline_run
from tests.packaging.test_cli import NOWHERE

pytestmark = [pytest.mark.postgres, pytest.mark.redis, pytest.mark.rabbitmq]
INDEX = "tasks_due_idx"


def findings(environment: Mapping[str, str]) -> dict[str, dict[str, str]]:
    done = dueline_run("doctor", "-o", "jsonl", environment=environment)
    return {each["what"]: each for each in map(json.loads, done.stdout.splitlines())}


def run_sql(environment: Mapping[str, str], sql: str) -> None:
    connection = open_connection(PostgresUrl.parse(environment["DUELINE_POSTGRES_URL"]))
    connection.run(sql)
    connection.close()


@pytest.fixture
def without_an_index(environment: Mapping[str, str]) -> Iterator[Mapping[str, str]]:
    run_sql(environment, f"DROP INDEX {INDEX}")
    yield environment
    dueline("db", "apply", environment=environment)


@pytest.fixture
def without_a_tick(environment: Mapping[str, str]) -> Iterator[Mapping[str, str]]:
    """Other tests run ticks in this database."""
    run_sql(environment, "DELETE FROM beats")
    yield environment
    run_sql(environment, "DELETE FROM beats")


def test_a_sound_installation_is_found_to_be_sound(without_a_tick: Mapping[str, str]) -> None:
    environment = without_a_tick
    run_sql(environment, "INSERT INTO beats VALUES ('default.0', now())")

    dueline("doctor", environment=environment)

    found = findings(environment)
    assert {"settings", "postgres", "schema", "redis", "work queue", "tzdata"} <= set(found)
    assert [each for each in found.values() if each["state"] == "fault"] == []
    assert found["maxmemory-policy"]["says"] == "noeviction"
    for name in ("clock of postgres", "clock of redis"):
        assert found[name]["state"] == "ok"


def test_servers_out_of_reach_are_each_a_fault_and_the_rest_is_still_looked_at() -> None:
    done = dueline_run("doctor", environment=NOWHERE)

    assert done.returncode == 1
    assert "at fault: postgres, schema, redis, work queue, tzdata, last tick" in done.stderr
    assert "hunter2" not in done.stdout + done.stderr


def test_a_lane_that_no_tick_serves_is_a_fault(without_a_tick: Mapping[str, str]) -> None:
    environment = without_a_tick

    never = findings(environment)
    run_sql(environment, "INSERT INTO beats VALUES ('default.0', now() - interval '1 hour')")
    long_ago = findings(environment)

    assert never["last tick of default.0"]["says"].startswith("none ever served it")
    assert long_ago["last tick of default.0"]["says"].startswith("36")
    assert long_ago["last tick of default.0"]["state"] == "fault"


def test_a_schema_that_lacks_something_is_told_by_name(
    without_an_index: Mapping[str, str],
) -> None:
    checked = dueline_run("db", "check", environment=without_an_index)

    assert (checked.returncode, checked.stdout) == (1, f"index {INDEX} is missing\n")
    assert findings(without_an_index)["schema"]["state"] == "fault"


def test_a_check_changes_nothing(environment: Mapping[str, str]) -> None:
    first = dueline("db", "check", environment=environment)
    second = dueline("db", "check", environment=environment)

    assert first == second
    assert first.endswith("has what schema.sql makes\n")
