"""Due buffers and work queues that the conformance tests judge, and the servers behind them.

The servers are always private: tests flush, freeze and kill them.
"""

import os
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime

import pytest
import redis

from dueline.domain.lanes import Lane
from dueline.due_buffer.interface import DueBuffer
from dueline.due_buffer.memory import MemoryDueBuffer
from dueline.work_queue.interface import WorkQueue, WorkQueueConsumer
from dueline.work_queue.memory import MemoryBroker, MemoryConsumer, MemoryWorkQueue
from dueline.work_queue.rabbitmq import RabbitWorkQueue
from dueline.work_queue.rabbitmq_consumer import RabbitConsumer
from dueline.work_queue.redis_streams import RedisStreamsWorkQueue
from dueline.work_queue.redis_streams_consumer import RedisStreamsConsumer
from dueline.work_queue.topology import queue_name, stream_key
from local.services.model import Unavailable
from local.services.rabbitmq import RabbitmqServer, start_rabbitmq
from local.services.redis import start_redis
from local.services.server import Server
from tests.conformance.queue_steps import (
    PATIENT,
    BufferUnderTest,
    QueueUnderTest,
    delete_queue,
    make_lane,
    patient_buffer,
)

URLS = ("DUELINE_REDIS_URL", "DUELINE_WORK_QUEUE_URL")  # servers of someone else


@pytest.fixture
def lane() -> Lane:
    """A lane that no other test uses."""
    return make_lane()


@pytest.fixture(scope="session")
def redis_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    with ExitStack() as stack:
        try:
            server = stack.enter_context(
                start_redis(tmp_path_factory.mktemp("redis"), environ=_private())
            )
        except Unavailable as error:
            _skip_at_home(error)
        yield server


@pytest.fixture(scope="session")
def rabbitmq_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RabbitmqServer]:
    with ExitStack() as stack:
        try:
            server = stack.enter_context(
                start_rabbitmq(tmp_path_factory.mktemp("rabbitmq"), environ=_private())
            )
        except Unavailable as error:
            _skip_at_home(error)
        assert isinstance(server, RabbitmqServer)
        yield server


@pytest.fixture
def redis_admin(redis_server: Server) -> Iterator[redis.Redis]:
    """A client for what only tests do to a server."""
    client = redis.Redis.from_url(redis_server.service.url, decode_responses=True)
    yield client
    client.close()


@pytest.fixture(params=["memory", pytest.param("redis", marks=pytest.mark.redis)])
def under_test(request: pytest.FixtureRequest) -> Iterator[BufferUnderTest]:
    if request.param == "memory":
        memory = MemoryDueBuffer(lambda: datetime.now(UTC))
        yield BufferUnderTest(buffer=memory, another=memory, flush=memory.flush)
        return
    server: Server = request.getfixturevalue("redis_server")
    admin: redis.Redis = request.getfixturevalue("redis_admin")
    with ExitStack() as stack:
        clients = [patient_buffer(server.service.url) for _ in range(2)]
        for client in clients:
            stack.callback(client.close)
        yield BufferUnderTest(buffer=clients[0], another=clients[1], flush=lambda: _flush(admin))


@pytest.fixture
def buffer(under_test: BufferUnderTest) -> DueBuffer:
    return under_test.buffer


@pytest.fixture(
    params=[
        "memory",
        pytest.param("rabbitmq", marks=pytest.mark.rabbitmq),
        pytest.param("redis_streams", marks=pytest.mark.redis),
    ]
)
def queue_under_test(request: pytest.FixtureRequest) -> Iterator[QueueUnderTest]:
    with ExitStack() as stack:
        if request.param == "memory":
            yield _memory_queue()
        elif request.param == "rabbitmq":
            server: RabbitmqServer = request.getfixturevalue("rabbitmq_server")
            yield _rabbitmq_queue(server.service.url, stack)
        else:
            admin: redis.Redis = request.getfixturevalue("redis_admin")
            url = request.getfixturevalue("redis_server").service.url
            yield _streams_queue(url, admin, stack)


@pytest.fixture
def queue(queue_under_test: QueueUnderTest) -> WorkQueue:
    return queue_under_test.queue


@pytest.fixture
def consumer(queue_under_test: QueueUnderTest, lane: Lane) -> WorkQueueConsumer:
    return queue_under_test.consumer(lane)


def _memory_queue() -> QueueUnderTest:
    broker = MemoryBroker()
    return QueueUnderTest(
        queue=MemoryWorkQueue(broker),
        consumer=lambda lane: MemoryConsumer(broker, lane),
        lose=broker.lose,
    )


def _rabbitmq_queue(url: str, stack: ExitStack) -> QueueUnderTest:
    queue = RabbitWorkQueue(url)
    stack.callback(queue.close)

    def consumer(lane: Lane) -> RabbitConsumer:
        made = RabbitConsumer(url, lane)
        stack.callback(made.close)
        return made

    return QueueUnderTest(
        queue=queue, consumer=consumer, lose=lambda lane: delete_queue(url, queue_name(lane))
    )


def _streams_queue(url: str, admin: redis.Redis, stack: ExitStack) -> QueueUnderTest:
    queue = RedisStreamsWorkQueue(url, answer_within=PATIENT)
    stack.callback(queue.close)

    def consumer(lane: Lane) -> RedisStreamsConsumer:
        made = RedisStreamsConsumer(url, lane, answer_within=PATIENT)
        stack.callback(made.close)
        return made

    return QueueUnderTest(
        queue=queue, consumer=consumer, lose=lambda lane: _delete(admin, stream_key(lane))
    )


def _flush(admin: redis.Redis) -> None:
    admin.flushall()


def _delete(admin: redis.Redis, key: str) -> None:
    admin.delete(key)


def _private() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name not in URLS}


def _skip_at_home(reason: Unavailable) -> None:
    if os.environ.get("CI"):
        raise reason
    pytest.skip(str(reason))
