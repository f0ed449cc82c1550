"""The due buffer in Redis, when Redis or the way to it does not behave."""

import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta

import pytest
import redis

from dueline.domain.errors import BackendUnavailable
from dueline.domain.lanes import Lane
from dueline.domain.tasks import DuePlace
from dueline.due_buffer import keys
from dueline.due_buffer.redis import RedisDueBuffer
from local.services.ports import free_port
from local.services.server import Server
from tests.conformance.queue_steps import PATIENT, make_due, patient_buffer
from tests.eventually import eventually
from tests.factories import MINUTE, NOON

pytest_plugins = ["tests.conformance.queue_fixtures"]
pytestmark = pytest.mark.redis

IMPATIENT = timedelta(milliseconds=100)
BRIEFLY = timedelta(milliseconds=20)


@pytest.fixture
def buffer(redis_server: Server) -> Iterator[RedisDueBuffer]:
    made = patient_buffer(redis_server.service.url)
    yield made
    made.close()


@pytest.fixture
def impatient(redis_server: Server) -> Iterator[RedisDueBuffer]:
    made = patient_buffer(redis_server.service.url, answer_within=IMPATIENT)
    yield made
    made.close()


@contextmanager
def frozen(server: Server) -> Iterator[None]:
    server.kill(signal.SIGSTOP)
    try:
        yield
    finally:
        server.kill(signal.SIGCONT)


@contextmanager
def configured(admin: redis.Redis, name: str, value: str, usual: str) -> Iterator[None]:
    admin.config_set(name, value)
    try:
        yield
    finally:
        admin.config_set(name, usual)


def test_a_lost_answer_to_a_lease_costs_one_lease_and_no_more(
    redis_server: Server, buffer: RedisDueBuffer, impatient: RedisDueBuffer, lane: Lane
) -> None:
    buffer.move_watermark(lane, old=None, new=DuePlace(NOON))
    tasks = [make_due(at=NOON - MINUTE) for _ in range(10)]
    buffer.put(lane, tasks)
    assert not impatient.lease_due(lane, until=NOON - 2 * MINUTE, lease=MINUTE, limit=5)

    # It answers nobody now, and does what it was asked when it comes back.
    with frozen(redis_server), pytest.raises(BackendUnavailable):
        impatient.lease_due(lane, until=NOON, lease=10 * BRIEFLY, limit=5)

    assert eventually(lambda: buffer.in_flight(lane)) == 5
    others = buffer.lease_due(lane, until=NOON, lease=MINUTE, limit=5)
    lost = eventually(lambda: buffer.lease_due(lane, until=NOON, lease=MINUTE, limit=10))
    assert len(others) == len(lost) == 5
    assert sorted(others + lost) == sorted(task.ref for task in tasks)


def test_a_lost_answer_to_a_put_is_asked_for_again(
    redis_admin: redis.Redis, impatient: RedisDueBuffer, lane: Lane
) -> None:
    impatient.ping()
    redis_admin.client_pause(150, all=True)

    added = impatient.put(lane, [make_due()])

    assert added in (0, 1)  # 0 when the first try had put it
    assert impatient.next_due(lane) == NOON


def test_a_connection_that_the_server_has_closed_is_replaced(
    redis_admin: redis.Redis, buffer: RedisDueBuffer, lane: Lane
) -> None:
    buffer.move_watermark(lane, old=None, new=DuePlace(NOON))
    buffer.put(lane, [make_due()])

    for _ in range(3):
        redis_admin.client_kill_filter(_type="normal")
        assert buffer.next_due(lane) == NOON
    redis_admin.client_kill_filter(_type="normal")

    assert len(buffer.lease_due(lane, until=NOON, lease=MINUTE, limit=1)) == 1


def test_a_lost_subscription_is_made_anew_and_looks_around_once(
    redis_admin: redis.Redis, buffer: RedisDueBuffer, lane: Lane
) -> None:
    buffer.wait([lane], timeout=BRIEFLY)
    assert not buffer.wait([lane], timeout=BRIEFLY)

    redis_admin.client_kill_filter(_type="pubsub")

    assert buffer.wait([lane], timeout=PATIENT)
    assert not buffer.wait([lane], timeout=BRIEFLY)
    buffer.put(lane, [make_due()])
    assert buffer.wait([lane], timeout=PATIENT)


def test_forgotten_scripts_are_loaded_again(
    redis_admin: redis.Redis, buffer: RedisDueBuffer, lane: Lane
) -> None:
    buffer.put(lane, [make_due()])
    redis_admin.script_flush()

    assert buffer.move_watermark(lane, old=None, new=DuePlace(NOON))
    assert len(buffer.lease_due(lane, until=NOON, lease=MINUTE, limit=1)) == 1


def test_a_full_memory_refuses_what_is_new_and_still_leases_what_is_there(
    redis_admin: redis.Redis, buffer: RedisDueBuffer, lane: Lane
) -> None:
    buffer.move_watermark(lane, old=None, new=DuePlace(NOON))
    task = make_due(at=NOON - MINUTE)
    buffer.put(lane, [task])
    buffer.lease_due(lane, until=NOON, lease=BRIEFLY / 20, limit=1)

    with configured(redis_admin, "maxmemory", "1", usual="0"):
        with pytest.raises(BackendUnavailable, match="maxmemory"):
            buffer.put(lane, [make_due()])
        # The lease that ran out goes back, and out again.
        leased = eventually(lambda: buffer.lease_due(lane, until=NOON, lease=MINUTE, limit=1))
        buffer.settle(lane, leased)

    assert leased == [task.ref]
    assert buffer.in_flight(lane) == 0


def test_an_eviction_policy_that_deletes_what_waits_is_refused(
    redis_admin: redis.Redis, buffer: RedisDueBuffer
) -> None:
    with (
        configured(redis_admin, "maxmemory-policy", "allkeys-lru", usual="noeviction"),
        pytest.raises(BackendUnavailable, match=r"maxmemory-policy is allkeys-lru.*noeviction"),
    ):
        buffer.ping()


def test_a_server_that_hides_its_eviction_policy_is_warned_about(
    redis_server: Server, redis_admin: redis.Redis, caplog: pytest.LogCaptureFixture
) -> None:
    redis_admin.acl_setuser(
        "tick", enabled=True, passwords=["+pw"], keys=["*"], commands=["+@all", "-info"]
    )
    address = redis_server.service.url.rpartition("@")[2]
    limited = patient_buffer(f"redis://tick:pw@{address}")

    limited.ping()
    limited.close()

    assert "make sure it is noeviction" in caplog.text


def test_a_waiting_task_takes_at_most_150_bytes(
    redis_admin: redis.Redis, buffer: RedisDueBuffer, lane: Lane
) -> None:
    tasks = [make_due(fence=1_234_567) for _ in range(10_000)]

    buffer.put(lane, tasks)

    taken = redis_admin.memory_usage(keys.due(lane), samples=0)
    assert isinstance(taken, int)
    assert max(len(keys.to_member(task.ref)) for task in tasks) == 40
    assert taken / len(tasks) <= 150


def test_no_server_is_noticed_at_once() -> None:
    nobody = RedisDueBuffer(f"redis://:secret@127.0.0.1:{free_port()}/0")
    began = time.monotonic()

    with pytest.raises(BackendUnavailable) as caught:
        nobody.ping()
    nobody.close()

    assert time.monotonic() - began < 1
    assert caught.value.backend == "redis"
    assert "secret" not in str(caught.value)


def test_a_silent_server_costs_two_answers_and_no_more(
    redis_server: Server, impatient: RedisDueBuffer, lane: Lane
) -> None:
    impatient.ping()
    with frozen(redis_server):
        began = time.monotonic()
        with suppress(BackendUnavailable):
            impatient.put(lane, [make_due()])
        lasted = time.monotonic() - began

    assert lasted < 10 * IMPATIENT.total_seconds()
