"""What the client asks again, what it asks once, and what it sends along each time."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest

from dueline.client import ApiError, Client
from tests.contract.app_server import served
from tests.functions.keys import NOBODY
from tests.functions.memory_services import MemoryServices, down


class Outage:
    """PostgreSQL is down until the client has paused so many times: 503, Retry-After: 1."""

    def __init__(self, services: MemoryServices, pauses: int) -> None:
        self.pauses: list[float] = []
        self.events: list[Mapping[str, Any]] = []
        self._services, self._store = services, services.store
        self._left = pauses
        services.store = down("postgres")

    def pause(self, seconds: float) -> None:
        self.pauses.append(seconds)
        self._left -= 1
        if self._left == 0:
            self._services.store = self._store

    def seen(self, event: Mapping[str, Any], _: Mapping[str, Any]) -> None:
        self.events.append(event)


@contextmanager
def outage(*, pauses: int, **options: Any) -> Iterator[tuple[Client, Outage]]:
    services = MemoryServices()
    trouble = Outage(services, pauses)
    with (
        served(services, trouble.seen) as url,
        Client(url, pause=trouble.pause, **options) as client,
    ):
        yield client, trouble


def keys_of(trouble: Outage) -> set[str]:
    return {event["headers"]["Idempotency-Key"] for event in trouble.events}


def test_a_task_is_asked_for_again_under_the_same_key() -> None:
    with outage(pauses=2) as (client, trouble):
        made = client.tasks.create("email")

        assert client.tasks.get(made.task_id).type == "email"
    assert len(trouble.pauses) == 2
    assert len({event["headers"].get("Idempotency-Key") for event in trouble.events[:3]}) == 1


def test_each_call_has_a_key_of_its_own_unless_one_is_given() -> None:
    with outage(pauses=1) as (client, trouble):
        client.tasks.create("email")
        client.tasks.create("email")
        client.tasks.create("email", idempotency_key="order-4711")

    assert len(keys_of(trouble)) == 3
    assert "order-4711" in keys_of(trouble)


def test_no_second_try_comes_sooner_than_the_answer_says() -> None:
    with outage(pauses=3) as (client, trouble):
        list(client.tasks.list())

    assert min(trouble.pauses) >= 1.0


def test_what_must_not_be_done_twice_is_asked_once() -> None:
    with outage(pauses=1) as (client, trouble), pytest.raises(ApiError) as refused:
        client.tasks.run(NOBODY)

    assert (refused.value.status, refused.value.code) == (503, "BACKEND_UNAVAILABLE")
    assert refused.value.retry_after == 1.0
    assert trouble.pauses == []


def test_what_is_refused_for_good_is_asked_once() -> None:
    services = MemoryServices()
    pauses: list[float] = []

    with (
        served(services) as url,
        Client(url, pause=pauses.append) as client,
        pytest.raises(ApiError),
    ):
        client.tasks.create("emial")

    assert pauses == []


def test_after_its_time_the_client_gives_up_with_the_last_answer() -> None:
    with (
        outage(pauses=9, give_up_after=timedelta(0)) as (client, trouble),
        pytest.raises(ApiError) as gave_up,
    ):
        list(client.tasks.list())

    assert gave_up.value.status == 503
    assert trouble.pauses == []
