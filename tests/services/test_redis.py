"""A private Redis: what it promises, and what it survives."""

import signal
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import redis

from local.services.model import ServiceError
from local.services.redis import start_redis
from local.services.server import Server

from .processes import addresses_listened_on, lives

pytestmark = pytest.mark.redis


@pytest.fixture(scope="module", params=["auto", "wheels"])
def server(
    request: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
    environ: Mapping[str, str],
) -> Iterator[Server]:
    chosen = {**environ, "DUELINE_SERVERS": request.param}
    data = tmp_path_factory.mktemp("data")
    with start_redis(data, environ=chosen, settings={"appendfsync": "always"}) as running:
        yield running


@pytest.fixture
def client(server: Server) -> Iterator["redis.Redis"]:
    with redis.Redis.from_url(server.service.url, decode_responses=True) as client:
        yield client


def test_a_private_server_evicts_nothing_and_logs_every_write(
    client: "redis.Redis",
) -> None:
    assert client.config_get("maxmemory-policy") == {"maxmemory-policy": "noeviction"}
    assert client.config_get("appendonly") == {"appendonly": "yes"}
    assert client.config_get("appendfsync") == {"appendfsync": "always"}


def test_it_listens_on_the_loopback_alone(server: Server) -> None:
    assert server.service.pid

    assert addresses_listened_on(server.service.pid) == {"127.0.0.1"}


def test_a_wrong_password_is_refused(server: Server) -> None:
    port = urlsplit(server.service.url).port

    with (
        redis.Redis.from_url(f"redis://:wrong@127.0.0.1:{port}") as stranger,
        pytest.raises(redis.AuthenticationError),
    ):
        stranger.ping()


def test_the_password_is_not_among_the_arguments_that_every_user_can_read(server: Server) -> None:
    password = urlsplit(server.service.url).password
    assert password

    arguments = Path(f"/proc/{server.service.pid}/cmdline").read_text()

    assert password not in arguments


def test_what_was_written_survives_kill_9_and_is_found_at_the_same_url(
    server: Server, client: "redis.Redis"
) -> None:
    url, pid = server.service.url, server.service.pid
    client.set("survivor", "42")
    assert pid

    server.kill(signal.SIGKILL)
    assert not lives(pid)
    server.restart()

    assert server.service.url == url
    assert client.get("survivor") == "42"


def test_a_server_that_does_not_start_shows_the_end_of_its_log(
    tmp_path: Path, environ: Mapping[str, str]
) -> None:
    with pytest.raises(ServiceError, match=r"(?s)ended, exit code 1\. The end of .*no-such-word"):
        start_redis(tmp_path, environ=environ, settings={"no-such-word": "1"})


def test_after_stop_nothing_runs_and_a_restart_is_refused(
    tmp_path: Path, environ: Mapping[str, str]
) -> None:
    server = start_redis(tmp_path, environ=environ)
    pid = server.service.pid
    assert pid

    server.stop()
    server.stop()

    assert not lives(pid)
    with pytest.raises(ServiceError, match="stopped for good"):
        server.restart()


def test_an_adopted_url_without_a_server_is_named_without_its_password(tmp_path: Path) -> None:
    environ = {"DUELINE_REDIS_URL": "redis://:secret@127.0.0.1:1/0"}

    with pytest.raises(ServiceError) as refused:
        start_redis(tmp_path, environ=environ)

    assert "DUELINE_REDIS_URL=redis://:***@127.0.0.1:1/0 cannot be used" in str(refused.value)
    assert "secret" not in str(refused.value)
