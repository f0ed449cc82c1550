"""The work queue in RabbitMQ, when the broker or the way to it does not behave."""

import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest

from dueline.domain.errors import BackendUnavailable
from dueline.domain.lanes import Lane
from dueline.work_queue import topology
from dueline.work_queue.interface import Published
from dueline.work_queue.rabbitmq import RabbitWorkQueue
from dueline.work_queue.rabbitmq_consumer import RabbitConsumer
from local.services.ports import free_port
from local.services.rabbitmq import RabbitmqServer
from tests.conformance.queue_steps import (
    PATIENT,
    bodies,
    delete_queue,
    drain,
    make_classic_queue,
    queue_length,
)
from tests.eventually import eventually

pytest_plugins = ["tests.conformance.queue_fixtures"]
pytestmark = pytest.mark.rabbitmq

DEADLINE = timedelta(seconds=1)
GRACE = timedelta(seconds=1)
INSTANT = timedelta(0)
THREE = [b"one", b"two", b"three"]


@pytest.fixture
def queue(rabbitmq_server: RabbitmqServer) -> Iterator[RabbitWorkQueue]:
    made = RabbitWorkQueue(rabbitmq_server.service.url)
    yield made
    made.close()


@pytest.fixture
def consumer(rabbitmq_server: RabbitmqServer, lane: Lane) -> Iterator[RabbitConsumer]:
    made = RabbitConsumer(rabbitmq_server.service.url, lane)
    yield made
    made.close()


@contextmanager
def frozen(server: RabbitmqServer) -> Iterator[None]:
    server.kill(signal.SIGSTOP)
    try:
        yield
    finally:
        server.kill(signal.SIGCONT)


@contextmanager
def down(server: RabbitmqServer) -> Iterator[None]:
    server.kill()
    try:
        yield
    finally:
        server.restart()


@contextmanager
def memory_alarm(server: RabbitmqServer) -> Iterator[None]:
    server.ctl("set_vm_memory_high_watermark", "0.00001")
    try:
        yield
    finally:
        server.ctl("set_vm_memory_high_watermark", "0.4")


def timed(publish: Callable[[], list[Published]]) -> tuple[list[Published], timedelta]:
    began = time.monotonic()
    answers = publish()
    return answers, timedelta(seconds=time.monotonic() - began)


@pytest.mark.parametrize("warm", [True, False], ids=["on a kept connection", "on a new one"])
def test_a_frozen_broker_makes_all_unknown_at_the_deadline(
    rabbitmq_server: RabbitmqServer, queue: RabbitWorkQueue, lane: Lane, *, warm: bool
) -> None:
    if warm:
        queue.publish(lane, [b"before"], deadline=PATIENT)
    many = [b"x" * 10_000] * 1_000  # more than the sockets' buffers hold

    with frozen(rabbitmq_server):
        answers, took = timed(lambda: queue.publish(lane, many, deadline=DEADLINE))

    assert answers == [Published.UNKNOWN] * 1_000
    assert DEADLINE <= took < DEADLINE + GRACE
    assert queue.publish(lane, [b"after"], deadline=PATIENT) == [Published.CONFIRMED]


def test_a_blocked_broker_makes_all_unknown_though_they_may_still_arrive(
    rabbitmq_server: RabbitmqServer, queue: RabbitWorkQueue, consumer: RabbitConsumer, lane: Lane
) -> None:
    queue.publish(lane, [b"before"], deadline=PATIENT)

    with memory_alarm(rabbitmq_server):
        answers, took = timed(lambda: queue.publish(lane, THREE, deadline=DEADLINE))

    after = eventually(
        lambda: queue.publish(lane, [b"after"], deadline=PATIENT) == [Published.CONFIRMED]
    )
    assert answers == [Published.UNKNOWN] * 3
    assert took < DEADLINE + GRACE
    assert after
    received = set(bodies(drain(consumer, 5)))
    assert {b"before", b"after"} <= received <= {b"before", b"after", *THREE}


def test_no_broker_makes_all_unknown_at_once_and_is_told_apart_otherwise(lane: Lane) -> None:
    nobody = RabbitWorkQueue(f"amqp://user:secret@127.0.0.1:{free_port()}/")

    answers, took = timed(lambda: nobody.publish(lane, THREE, deadline=PATIENT))

    assert answers == [Published.UNKNOWN] * 3
    assert took < GRACE
    with pytest.raises(BackendUnavailable) as caught:
        nobody.depth(lane)
    assert caught.value.backend == "rabbitmq"
    assert "secret" not in str(caught.value)


def test_a_wrong_password_is_told_without_showing_it(
    rabbitmq_server: RabbitmqServer, lane: Lane, caplog: pytest.LogCaptureFixture
) -> None:
    address = rabbitmq_server.service.url.rpartition("@")[2]
    stranger = RabbitWorkQueue(f"amqp://dueline:wrongsecret@{address}")

    answers = stranger.publish(lane, [b"hello"], deadline=PATIENT)

    assert answers == [Published.UNKNOWN]
    assert "authentication" in caplog.text.lower()
    assert "wrongsecret" not in caplog.text


def test_a_kept_connection_that_the_broker_closed_is_replaced_within_the_call(
    rabbitmq_server: RabbitmqServer, queue: RabbitWorkQueue, lane: Lane
) -> None:
    queue.publish(lane, [b"before"], deadline=PATIENT)
    rabbitmq_server.ctl("close_all_connections", "by a test")

    answers = queue.publish(lane, [b"after"], deadline=PATIENT)
    rabbitmq_server.ctl("close_all_connections", "by a test")

    assert answers == [Published.CONFIRMED]
    assert eventually(lambda: queue.depth(lane) == 2)


def test_what_was_confirmed_survives_the_end_of_the_broker(
    rabbitmq_server: RabbitmqServer, queue: RabbitWorkQueue, consumer: RabbitConsumer, lane: Lane
) -> None:
    # RabbitMQ 3.10 loses a quorum queue that is killed within a second of its making: the broker
    # has not yet written down that it is there. An orderly restart writes it down.
    queue.declare([lane])
    rabbitmq_server.restart()
    queue.publish(lane, THREE, deadline=PATIENT)
    held = drain(consumer, 1)

    with down(rabbitmq_server):
        with pytest.raises(BackendUnavailable):
            drain(consumer, 4)  # there are fewer: it ends with the connection
        with pytest.raises(BackendUnavailable):
            queue.ping()

    assert bodies(held) == THREE[:1]
    assert queue.publish(lane, [b"four"], deadline=PATIENT) == [Published.CONFIRMED]
    assert sorted(bodies(drain(consumer, 4))) == sorted([*THREE, b"four"])


def test_an_ack_for_a_lost_connection_is_not_taken_for_one_of_the_next(
    rabbitmq_server: RabbitmqServer, queue: RabbitWorkQueue, consumer: RabbitConsumer, lane: Lane
) -> None:
    queue.publish(lane, THREE, deadline=PATIENT)
    before = drain(consumer, 3)
    rabbitmq_server.ctl("close_all_connections", "by a test")
    with pytest.raises(BackendUnavailable):
        consumer.receive(most=1, wait=PATIENT)
    again = drain(consumer, 3)

    with pytest.raises(BackendUnavailable, match="3 messages not acked"):
        consumer.ack(before)
    consumer.requeue(before)
    consumer.close()

    assert all(delivery.redelivered for delivery in again)
    assert eventually(lambda: queue.depth(lane) == 3)


def test_a_consumer_whose_queue_was_deleted_declares_it_again(
    rabbitmq_server: RabbitmqServer, queue: RabbitWorkQueue, consumer: RabbitConsumer, lane: Lane
) -> None:
    consumer.receive(most=1, wait=INSTANT)
    delete_queue(rabbitmq_server.service.url, topology.queue_name(lane))

    with pytest.raises(BackendUnavailable):
        consumer.receive(most=1, wait=PATIENT)
    consumer.receive(most=1, wait=INSTANT)
    queue.publish(lane, [b"new"], deadline=PATIENT)

    assert bodies(drain(consumer, 1)) == [b"new"]


def test_a_consumer_may_be_busy_for_longer_than_any_heartbeat(
    rabbitmq_server: RabbitmqServer, consumer: RabbitConsumer, lane: Lane
) -> None:
    consumer.receive(most=1, wait=INSTANT)

    connections = rabbitmq_server.ctl("list_connections", "client_properties", "timeout", "--quiet")

    ours = [line for line in connections.splitlines() if f"consumer of {lane.name}" in line]
    assert [line.split()[-1] for line in ours] == ["0"]


def test_the_broker_hands_out_no_more_than_the_prefetch(
    rabbitmq_server: RabbitmqServer, queue: RabbitWorkQueue, lane: Lane
) -> None:
    consumer = RabbitConsumer(rabbitmq_server.service.url, lane, prefetch=2)
    queue.publish(lane, THREE, deadline=PATIENT)

    received = drain(consumer, 2)
    more = consumer.receive(most=1, wait=timedelta(milliseconds=30))
    consumer.close()

    assert bodies(received) == THREE[:2]
    assert more == []


@pytest.mark.parametrize("verb", ["nack", "reject"])
def test_what_is_given_back_too_often_becomes_a_dead_letter(
    rabbitmq_server: RabbitmqServer, queue: RabbitWorkQueue, lane: Lane, verb: str
) -> None:
    url = rabbitmq_server.service.url
    assert verb in ("nack", "reject")
    consumer = RabbitConsumer(url, lane, requeue_by="nack" if verb == "nack" else "reject")
    queue.publish(lane, [b"poison"], deadline=PATIENT)
    dead_before = queue_length(url, topology.DEAD_LETTERS)

    for _ in range(topology.DELIVERY_LIMIT + 1):
        consumer.requeue(drain(consumer, 1))
    consumer.close()

    assert eventually(lambda: queue_length(url, topology.DEAD_LETTERS) == dead_before + 1)
    assert queue.depth(lane) == 0


def test_messages_are_persistent_and_say_how_often_they_came(
    queue: RabbitWorkQueue, consumer: RabbitConsumer, lane: Lane
) -> None:
    queue.publish(lane, [b"{}"], deadline=PATIENT)
    [first] = drain(consumer, 1)
    consumer.requeue([first])
    [second] = drain(consumer, 1)

    assert first.properties == {"content_type": "application/json", "delivery_mode": 2}
    assert first.headers == {}
    assert second.headers == {"x-delivery-count": 1}


def test_a_queue_with_other_arguments_is_left_as_it_is_and_told(
    rabbitmq_server: RabbitmqServer, queue: RabbitWorkQueue, lane: Lane
) -> None:
    queue.ping()
    name = topology.queue_name(lane)
    make_classic_queue(rabbitmq_server.service.url, name)

    with pytest.raises(BackendUnavailable, match=f"PRECONDITION_FAILED.*{name}"):
        queue.declare([lane])

    assert queue.publish(lane, [b"x"], deadline=DEADLINE) == [Published.UNKNOWN]
