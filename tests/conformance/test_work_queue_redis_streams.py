"""The work queue in Redis Streams, when a consumer, Redis or the way to it is lost."""

import signal
import time
from collections.abc import Iterator
from datetime import timedelta

import pytest
import redis

from dueline.domain.lanes import Lane
from dueline.work_queue.interface import Published
from dueline.work_queue.redis_streams import RedisStreamsWorkQueue
from dueline.work_queue.redis_streams_consumer import RedisStreamsConsumer
from local.services.ports import free_port
from local.services.server import Server
from tests.conformance.queue_steps import PATIENT, bodies, drain

pytest_plugins = ["tests.conformance.queue_fixtures"]
pytestmark = pytest.mark.redis

DEADLINE = timedelta(seconds=1)
GRACE = timedelta(seconds=1)
INSTANT = timedelta(0)
THREE = [b"one", b"two", b"three"]


@pytest.fixture
def queue(redis_server: Server) -> Iterator[RedisStreamsWorkQueue]:
    made = RedisStreamsWorkQueue(redis_server.service.url)
    yield made
    made.close()


@pytest.fixture
def consumer(redis_server: Server, lane: Lane) -> Iterator[RedisStreamsConsumer]:
    made = RedisStreamsConsumer(redis_server.service.url, lane)
    yield made
    made.close()


def test_what_a_dead_consumer_held_comes_again_after_a_while(
    redis_server: Server, queue: RedisStreamsWorkQueue, consumer: RedisStreamsConsumer, lane: Lane
) -> None:
    queue.publish(lane, THREE, deadline=PATIENT)
    drain(consumer, 3)
    heir = RedisStreamsConsumer(
        redis_server.service.url, lane, reclaim_after=timedelta(milliseconds=1)
    )

    inherited = drain(heir, 3)
    heir.ack(inherited)
    heir.close()

    assert bodies(inherited) == THREE
    assert all(delivery.redelivered for delivery in inherited)
    assert queue.depth(lane) == 0


def test_a_flushed_stream_gets_its_consumers_back(
    redis_admin: redis.Redis,
    queue: RedisStreamsWorkQueue,
    consumer: RedisStreamsConsumer,
    lane: Lane,
) -> None:
    queue.publish(lane, [b"lost"], deadline=PATIENT)
    consumer.receive(most=1, wait=PATIENT)
    redis_admin.flushall()

    consumer.receive(most=1, wait=INSTANT)

    assert queue.publish(lane, [b"new"], deadline=PATIENT) == [Published.CONFIRMED]
    assert bodies(drain(consumer, 1)) == [b"new"]


def test_a_kept_connection_that_the_server_closed_is_replaced_within_the_call(
    redis_admin: redis.Redis, queue: RedisStreamsWorkQueue, lane: Lane
) -> None:
    queue.publish(lane, [b"before"], deadline=PATIENT)
    redis_admin.client_kill_filter(_type="normal")

    assert queue.publish(lane, [b"after"], deadline=PATIENT) == [Published.CONFIRMED]
    assert queue.depth(lane) == 2


def test_a_frozen_server_makes_all_unknown_within_the_deadline(
    redis_server: Server, queue: RedisStreamsWorkQueue, lane: Lane
) -> None:
    queue.publish(lane, [b"before"], deadline=PATIENT)

    redis_server.kill(signal.SIGSTOP)
    began = time.monotonic()
    answers = queue.publish(lane, THREE, deadline=DEADLINE)
    took = timedelta(seconds=time.monotonic() - began)
    redis_server.kill(signal.SIGCONT)

    assert answers == [Published.UNKNOWN] * 3
    assert took < DEADLINE + GRACE
    assert queue.publish(lane, [b"after"], deadline=PATIENT) == [Published.CONFIRMED]


def test_a_full_memory_makes_all_unknown(
    redis_admin: redis.Redis, queue: RedisStreamsWorkQueue, lane: Lane
) -> None:
    queue.declare([lane])
    redis_admin.config_set("maxmemory", "1")

    answers = queue.publish(lane, THREE, deadline=DEADLINE)
    redis_admin.config_set("maxmemory", "0")

    assert answers == [Published.UNKNOWN] * 3
    assert queue.depth(lane) == 0


def test_no_server_makes_all_unknown_at_once(lane: Lane) -> None:
    nobody = RedisStreamsWorkQueue(f"redis://127.0.0.1:{free_port()}/0")

    assert nobody.publish(lane, THREE, deadline=PATIENT) == [Published.UNKNOWN] * 3
    nobody.close()
