"""Two locks between tenants: the WHERE of every statement, and PostgreSQL's row-level security.
Each is tried while the other is open."""

import pytest

from dueline.domain.errors import BackendUnavailable
from dueline.domain.tasks import Task, TaskStatus
from dueline.task_store.connection import NO_VALUES, Connection, Row, Values, open_connection
from dueline.task_store.interface import TaskStore
from dueline.task_store.postgres import PostgresTaskStore
from dueline.task_store.postgres_url import PostgresUrl
from dueline.task_store.schema import apply_schema
from dueline.task_store.sql_files import read_sql
from tests.conformance.task_store_fixtures import new_database, run_sql
from tests.conformance.task_store_steps import added, running, statuses
from tests.factories import NOON, make_outcome

OURS, THEIRS = "acme", "zebra"
NOT_OF_A_TENANT = {"api_keys"}  # what says whose a request is


def failed(store: TaskStore, tenant: str) -> Task:
    """A task with a failed attempt."""
    task = added(store, tenant=tenant)
    outcome = make_outcome(running(store, task), status=TaskStatus.FAILED, error="no")
    assert store.record([outcome], worker="w")
    return task


def test_a_task_is_not_there_for_another_tenant(store: TaskStore) -> None:
    task = failed(store, THEIRS)

    assert store.get(THEIRS, task.id)
    assert store.attempts(THEIRS, task.id)
    assert store.get(OURS, task.id) is None
    assert store.attempts(OURS, task.id) == []
    assert not statuses(store, OURS)
    assert statuses(store, THEIRS) == {TaskStatus.FAILED: 1}


def test_tick_and_execute_serve_all_tenants(store: TaskStore) -> None:
    tasks = [added(store, tenant=tenant) for tenant in (OURS, THEIRS)]
    store.get(OURS, tasks[0].id)  # the session is held to a tenant, and let go again

    claims = store.claim(
        [t.ref for t in tasks], now=NOON, until=NOON, lease=NOON - NOON, worker="w"
    )

    assert {claim.ref.id for claim in claims.claims} == {task.id for task in tasks}


class Unlocked(Connection):
    """The first lock alone: no statement is held to its tenant by the server."""

    def run(self, name: str, values: Values = NO_VALUES, **_: object) -> list[Row]:
        return super().run(name, values)


@pytest.mark.postgres
def test_the_first_lock_holds_by_itself(postgres_url: str) -> None:
    connection = Unlocked(postgres_url)
    store = PostgresTaskStore(connection)
    task = failed(store, THEIRS)

    assert store.get(OURS, task.id) is None
    assert store.attempts(OURS, task.id) == []
    assert not statuses(store, OURS)
    assert store.get(THEIRS, task.id)
    connection.close()


INSERT = (
    "INSERT INTO tasks (id, tenant, type, queue, payload, execute_at, due_at, created_at,"
    f" max_attempts) SELECT gen_random_uuid(), '{THEIRS}', 'email', 'default', '{{}}', now(),"
    " now(), now(), 1"
)
# Planted: statements of which someone has forgotten the WHERE.
CARELESS = {
    "tasks": "SELECT tenant FROM tasks",
    "attempts": "SELECT t.tenant FROM attempts JOIN tasks AS t ON t.id = task_id",
    "attempts alone": "SELECT error FROM attempts",
}


@pytest.mark.postgres
@pytest.mark.parametrize("pooled", ["", "?pooled=true"])
def test_the_second_lock_holds_where_the_first_was_forgotten(
    postgres_url: str, pooled: str
) -> None:
    planted = Connection(f"{postgres_url}{pooled}", read=lambda n: CARELESS.get(n) or read_sql(n))
    store = PostgresTaskStore(planted)
    failed(store, OURS)
    failed(store, THEIRS)

    for name in CARELESS:
        assert len(planted.run(name)) == 2
        assert len(planted.run(name, tenant=OURS)) == 1
        assert len(planted.run(name, tenant=THEIRS)) == 1
        assert planted.run(name, tenant="nobody") == []
        assert planted.run(name, tenant="") == []
    assert planted.run("tasks", tenant=OURS) == [[OURS]]
    planted.close()


@pytest.mark.postgres
def test_the_second_lock_lets_nothing_through_in_or_out(postgres_url: str) -> None:
    store = PostgresTaskStore(postgres_url)
    task = failed(store, THEIRS)
    store.close()
    held = open_connection(PostgresUrl.parse(postgres_url))
    held.run(f"SET ROLE dueline_tenant; SET dueline.tenant = '{OURS}'")

    held.run("UPDATE tasks SET error = 'seen' RETURNING id")
    updated = held.row_count
    held.run("DELETE FROM tasks RETURNING id")
    deleted = held.row_count
    with pytest.raises(Exception, match="row-level security"):
        held.run(INSERT)
    held.close()

    assert (updated, deleted) == (0, 0)
    [[error]] = run_sql(
        postgres_url, "SELECT error FROM tasks WHERE id = CAST(:i AS uuid)", i=task.id
    )
    assert error == "no"


@pytest.mark.postgres
def test_the_role_sees_nothing_until_a_tenant_is_named(postgres_url: str) -> None:
    store = PostgresTaskStore(postgres_url)
    failed(store, OURS)
    store.close()

    for name in CARELESS.values():
        assert run_sql(postgres_url, f"SET ROLE dueline_tenant; {name}") == []


@pytest.mark.postgres
def test_every_table_with_a_tenant_is_locked_and_no_other_is_open(postgres_url: str) -> None:
    of_tenants = run_sql(
        postgres_url,
        "SELECT table_name FROM information_schema.columns"
        " WHERE table_schema = 'public' AND column_name = 'tenant'",
    )
    locked = run_sql(
        postgres_url,
        "SELECT relname FROM pg_class JOIN pg_policies ON tablename = relname"
        " WHERE relrowsecurity AND policyname = 'of_the_tenant'",
    )
    open_to_the_role = run_sql(
        postgres_url,
        "SELECT DISTINCT table_name FROM information_schema.role_table_grants"
        " WHERE grantee = 'dueline_tenant' AND table_schema = 'public'",
    )

    assert {name for [name] in of_tenants} - {name for [name] in locked} == NOT_OF_A_TENANT
    assert {name for [name] in open_to_the_role} <= {name for [name] in locked}


@pytest.mark.postgres
def test_a_user_of_no_great_rights_can_apply_the_schema_and_is_held_too(
    postgres_server_url: str,
) -> None:
    """As on a managed server: it may make roles, and owns its database."""
    with new_database(postgres_server_url, "of_a_lesser_user") as url:
        run_sql(url, "DROP ROLE IF EXISTS lesser")
        run_sql(url, "CREATE ROLE lesser LOGIN CREATEROLE PASSWORD 'lesser'")
        run_sql(url, 'ALTER DATABASE "of_a_lesser_user" OWNER TO lesser')
        run_sql(url, "ALTER SCHEMA public OWNER TO lesser")
        run_sql(url, "GRANT dueline_tenant TO lesser WITH ADMIN OPTION")
        parts = PostgresUrl.parse(url)
        theirs = f"postgresql://lesser:lesser@{parts.host}:{parts.port}/{parts.database}"
        _apply_and_try(theirs)
        run_sql(url, "DROP OWNED BY lesser CASCADE")
    run_sql(postgres_server_url, "DROP ROLE lesser")


def _apply_and_try(url: str) -> None:
    apply_schema(url)
    apply_schema(url)
    store = PostgresTaskStore(url)
    task = failed(store, THEIRS)
    assert store.get(THEIRS, task.id)
    assert store.get(OURS, task.id) is None
    store.close()


@pytest.mark.postgres
def test_a_server_without_the_role_is_told_to_the_operator(postgres_server_url: str) -> None:
    """Not taken for an id that nobody has."""
    with new_database(postgres_server_url, "without_rights") as url:
        run_sql(url, "DROP ROLE IF EXISTS stranger")
        run_sql(url, "CREATE ROLE stranger LOGIN PASSWORD 'stranger'")
        parts = PostgresUrl.parse(url)
        theirs = f"postgresql://stranger:stranger@{parts.host}:{parts.port}/{parts.database}"
        store = PostgresTaskStore(theirs)

        with pytest.raises(BackendUnavailable, match="role dueline_tenant"):
            store.get(OURS, "01900000-0000-7000-8000-000000000000")

        store.close()
        run_sql(url, "DROP OWNED BY stranger")
        run_sql(url, "DROP ROLE stranger")
