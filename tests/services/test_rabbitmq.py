"""A private RabbitMQ: what it promises, and what it survives."""

import signal
from collections.abc import Iterator, Mapping
from pathlib import Path

import pika
import pytest

from local.services.model import ServiceError, Unavailable
from local.services.rabbitmq import RabbitmqServer, start_rabbitmq

from .conftest import CACHE
from .processes import addresses_listened_on, lives, members_of

pytestmark = pytest.mark.rabbitmq


@pytest.fixture(scope="module")
def server(
    tmp_path_factory: pytest.TempPathFactory, environ: Mapping[str, str]
) -> Iterator[RabbitmqServer]:
    data = tmp_path_factory.mktemp("data")
    with start_rabbitmq(data, environ=environ, cache=CACHE) as running:
        assert isinstance(running, RabbitmqServer)
        yield running


def test_a_queue_can_be_declared_and_used(server: RabbitmqServer) -> None:
    connection = pika.BlockingConnection(pika.URLParameters(server.service.url))
    channel = connection.channel()
    channel.confirm_delivery()
    channel.queue_declare("q")

    channel.basic_publish("", "q", b"hello")

    assert channel.basic_get("q", auto_ack=True)[2] == b"hello"
    connection.close()


def test_it_listens_on_the_loopback_alone(server: RabbitmqServer) -> None:
    assert server.service.pid

    assert addresses_listened_on(server.service.pid) == {"127.0.0.1"}


def test_rabbitmqctl_works_on_it(server: RabbitmqServer) -> None:
    said = server.ctl("list_users", "--quiet")

    assert "dueline" in said


def test_what_rabbitmqctl_refuses_is_an_error_with_its_words(server: RabbitmqServer) -> None:
    with pytest.raises(ServiceError, match=r"rabbitmqctl delete_user nobody failed: .*nobody"):
        server.ctl("delete_user", "nobody")


def test_it_takes_logins_at_the_same_url_after_kill_9_and_restart(server: RabbitmqServer) -> None:
    url = server.service.url
    assert server.service.pid
    pids = members_of(server.service.pid)

    server.kill(signal.SIGKILL)
    assert [pid for pid in pids if lives(pid)] == []
    server.restart()

    assert server.service.url == url
    pika.BlockingConnection(pika.URLParameters(url)).close()


def test_the_packages_run_without_being_installed(
    tmp_path: Path, environ: Mapping[str, str]
) -> None:
    wheels = {**environ, "DUELINE_SERVERS": "wheels"}

    with start_rabbitmq(tmp_path, environ=wheels, cache=CACHE) as server:
        origin, pid = server.service.origin, server.service.pid
        assert pid
        pids = members_of(pid)

    assert origin.startswith("Debian package rabbitmq-server ")
    assert [member for member in pids if lives(member)] == []


def test_without_packages_to_download_there_is_none_and_the_reason_is_said(
    tmp_path: Path,
) -> None:
    environ = {"PATH": str(tmp_path), "DUELINE_SERVERS": "wheels"}

    with pytest.raises(Unavailable, match="there is no apt-get here"):
        start_rabbitmq(tmp_path, environ=environ)


def test_packages_are_not_downloaded_to_where_they_could_not_run(
    tmp_path: Path, environ: Mapping[str, str]
) -> None:
    wheels = {**environ, "DUELINE_SERVERS": "wheels"}

    with pytest.raises(Unavailable, match="a space: its path holds a space"):
        start_rabbitmq(tmp_path / "a space", environ=wheels, cache=tmp_path / "a space")


def test_another_work_queue_in_the_environment_means_no_rabbitmq(tmp_path: Path) -> None:
    environ = {"DUELINE_WORK_QUEUE_URL": "redis://:secret@127.0.0.1:6379/0"}

    with pytest.raises(Unavailable, match=r"redis://:\*\*\*@127.0.0.1:6379/0 chooses another"):
        start_rabbitmq(tmp_path, environ=environ)
