"""Adapters whose login changes while they are in use."""

from datetime import timedelta

import pytest

from dueline.domain.errors import BackendUnavailable
from dueline.domain.lanes import Lane
from dueline.renewable import Renewable
from dueline.secrets import Login
from dueline.work_queue.interface import Published

LANE = Lane("default", 0, 1)


class Server:
    """Takes one login; its `Client` is an adapter that says no to any other."""

    def __init__(self, password: str) -> None:
        self.password = password
        self.closed: list[str] = []

    def client(self, url: str) -> "Client":
        return Client(self, url)


class Client:
    def __init__(self, server: Server, url: str) -> None:
        self._server = server
        self._url = url

    def depth(self, _lane: Lane) -> int:
        if f":{self._server.password}@" not in self._url:
            raise BackendUnavailable("rabbitmq", "ACCESS_REFUSED")
        return 7

    def publish(self, _lane: Lane, bodies: list[bytes], **_: timedelta) -> list[Published]:
        refused = f":{self._server.password}@" not in self._url
        return [Published.UNKNOWN if refused else Published.CONFIRMED for _ in bodies]

    def close(self) -> None:
        self._server.closed.append(self._url)


def renewable(server: Server, *secrets: str) -> Renewable:
    """An adapter whose secret has these values one after the other."""
    texts = iter(secrets)
    login = Login("amqps://app@broker", "ssm:/b", fetch=lambda _: next(texts), ask_again_after=0)
    return Renewable(server.client, login, failed=lambda answer: answer == [Published.UNKNOWN])


def test_after_a_refusal_the_next_call_goes_by_the_new_login() -> None:
    server = Server("old")
    queue = renewable(server, "old", "new")
    assert queue.publish(LANE, [b"1"], deadline=timedelta(1)) == [Published.CONFIRMED]

    server.password = "new"

    with pytest.raises(BackendUnavailable):
        queue.depth(LANE)
    assert queue.publish(LANE, [b"2"], deadline=timedelta(1)) == [Published.CONFIRMED]
    assert server.closed == ["amqps://app:old@broker"]


def test_an_answer_can_be_a_refusal_too() -> None:
    server = Server("new")
    queue = renewable(server, "old", "new")

    answers = [queue.publish(LANE, [b"1"], deadline=timedelta(1)) for _ in range(2)]

    assert answers == [[Published.UNKNOWN], [Published.CONFIRMED]]


def test_a_server_that_is_merely_down_keeps_its_adapter() -> None:
    server = Server("another, for as long as it is down")
    queue = renewable(server, "right", "right", "right")

    for _ in range(2):
        with pytest.raises(BackendUnavailable):
            queue.depth(LANE)

    assert server.closed == []


def test_a_method_that_was_taken_before_follows_the_change() -> None:
    server = Server("new")
    queue = renewable(server, "old", "new")
    depth = queue.depth

    with pytest.raises(BackendUnavailable):
        depth(LANE)

    assert depth(LANE) == 7
