"""What every work queue promises, on both of its sides."""

import threading
import time
from datetime import timedelta

import pytest

from dueline.domain.lanes import Lane
from dueline.work_queue.interface import Delivery, Published, WorkQueue, WorkQueueConsumer
from tests.conformance.queue_steps import PATIENT, QueueUnderTest, bodies, drain, make_lane
from tests.eventually import eventually

pytest_plugins = ["tests.conformance.queue_fixtures"]

INSTANT = timedelta(0)
BRIEFLY = timedelta(milliseconds=30)
THREE = [b"one", b"two", b"three"]


def publish(queue: WorkQueue, lane: Lane, *messages: bytes) -> list[Published]:
    return queue.publish(lane, messages, deadline=PATIENT)


def test_what_is_published_is_confirmed_and_received_in_order(
    queue: WorkQueue, consumer: WorkQueueConsumer, lane: Lane
) -> None:
    answers = publish(queue, lane, *THREE)

    received = drain(consumer, 3)

    assert answers == [Published.CONFIRMED] * 3
    assert bodies(received) == THREE
    assert not any(delivery.redelivered for delivery in received)


def test_nothing_to_publish_has_no_answers(queue: WorkQueue, lane: Lane) -> None:
    assert publish(queue, lane) == []


def test_a_thousand_messages_have_a_thousand_answers(
    queue: WorkQueue, consumer: WorkQueueConsumer, lane: Lane
) -> None:
    messages = [f"message {n}".encode() for n in range(1_000)]

    answers = publish(queue, lane, *messages)
    received: list[Delivery] = []
    while some := consumer.receive(most=100, wait=PATIENT if len(received) < 1_000 else INSTANT):
        received += some
        consumer.ack(some)

    assert answers == [Published.CONFIRMED] * 1_000
    assert bodies(received) == messages


def test_a_large_body_arrives_whole(
    queue: WorkQueue, consumer: WorkQueueConsumer, lane: Lane
) -> None:
    large = bytes(range(256)) * 1_200  # more than two frames of RabbitMQ's usual size

    publish(queue, lane, large, b"", b"small")

    assert bodies(drain(consumer, 3)) == [large, b"", b"small"]


def test_equal_messages_are_as_many_messages(
    queue: WorkQueue, consumer: WorkQueueConsumer, lane: Lane
) -> None:
    publish(queue, lane, b"same", b"same")

    assert bodies(drain(consumer, 2)) == [b"same", b"same"]


def test_lanes_do_not_see_each_other(
    queue_under_test: QueueUnderTest, consumer: WorkQueueConsumer
) -> None:
    other = make_lane()
    publish(queue_under_test.queue, other, b"for the other")

    assert consumer.receive(most=1, wait=BRIEFLY) == []
    assert queue_under_test.queue.depth(other) == 1


def test_receiving_takes_no_more_than_it_was_asked_to(
    queue: WorkQueue, consumer: WorkQueueConsumer, lane: Lane
) -> None:
    publish(queue, lane, *THREE)

    first = drain(consumer, 2)
    rest = consumer.receive(most=2, wait=PATIENT)

    assert (bodies(first), bodies(rest)) == (THREE[:2], THREE[2:])


def test_receiving_from_an_empty_lane_ends_after_its_wait(consumer: WorkQueueConsumer) -> None:
    consumer.receive(most=1, wait=INSTANT)
    began = time.monotonic()

    received = consumer.receive(most=1, wait=BRIEFLY)

    assert received == []
    assert time.monotonic() - began >= BRIEFLY.total_seconds() - 0.001


def test_a_message_that_arrives_ends_the_wait(
    queue: WorkQueue, consumer: WorkQueueConsumer, lane: Lane
) -> None:
    consumer.receive(most=1, wait=INSTANT)
    received: list[Delivery] = []
    waiting = threading.Thread(
        target=lambda: received.extend(consumer.receive(most=1, wait=6 * PATIENT))
    )
    waiting.start()

    publish(queue, lane, b"at last")
    waiting.join(timeout=PATIENT.total_seconds())

    assert bodies(received) == [b"at last"]


def test_depth_counts_what_no_consumer_has(
    queue: WorkQueue, consumer: WorkQueueConsumer, lane: Lane
) -> None:
    empty = queue.depth(lane)
    publish(queue, lane, *THREE)

    assert empty == 0
    assert eventually(lambda: queue.depth(lane) == 3)
    received = drain(consumer, 3)
    assert eventually(lambda: queue.depth(lane) == 0)
    consumer.requeue(received)
    consumer.close()
    assert eventually(lambda: queue.depth(lane) == 3)


def test_what_was_acked_never_comes_again(
    queue_under_test: QueueUnderTest, consumer: WorkQueueConsumer, lane: Lane
) -> None:
    publish(queue_under_test.queue, lane, *THREE)
    consumer.ack(drain(consumer, 3))
    consumer.close()

    assert queue_under_test.queue.depth(lane) == 0
    assert queue_under_test.consumer(lane).receive(most=3, wait=BRIEFLY) == []


def test_what_was_not_acked_comes_again_to_whoever_consumes_next(
    queue_under_test: QueueUnderTest, consumer: WorkQueueConsumer, lane: Lane
) -> None:
    publish(queue_under_test.queue, lane, *THREE)
    first, _second, _third = drain(consumer, 3)
    consumer.ack([first])
    consumer.close()

    again = drain(queue_under_test.consumer(lane), 2)

    assert sorted(bodies(again)) == sorted(THREE[1:])
    assert all(delivery.redelivered for delivery in again)


def test_what_is_given_back_comes_again_redelivered(
    queue: WorkQueue, consumer: WorkQueueConsumer, lane: Lane
) -> None:
    publish(queue, lane, *THREE)
    consumer.requeue(drain(consumer, 3))

    again = drain(consumer, 3)

    assert sorted(bodies(again)) == sorted(THREE)
    assert all(delivery.redelivered for delivery in again)


def test_messages_are_settled_in_any_order(
    queue_under_test: QueueUnderTest, consumer: WorkQueueConsumer, lane: Lane
) -> None:
    messages = [str(n).encode() for n in range(10)]
    publish(queue_under_test.queue, lane, *messages)
    received = drain(consumer, 10)

    consumer.ack([received[7], received[3]])
    consumer.ack(received[:2])
    consumer.requeue([received[9], received[2]])
    again = drain(consumer, 2)
    consumer.ack([*again, *received[4:7], received[8]])
    consumer.close()

    assert sorted(bodies(again)) == [b"2", b"9"]
    assert queue_under_test.queue.depth(lane) == 0


def test_what_was_settled_is_not_settled_twice(
    queue_under_test: QueueUnderTest, consumer: WorkQueueConsumer, lane: Lane
) -> None:
    publish(queue_under_test.queue, lane, *THREE)
    received = drain(consumer, 3)
    consumer.ack(received[:1])

    consumer.ack(received[:2])
    consumer.requeue(received[:2])
    consumer.ack([])
    consumer.requeue([])
    consumer.close()

    again = queue_under_test.consumer(lane).receive(most=3, wait=PATIENT)
    assert bodies(again) == [b"three"]


def test_a_lane_without_a_queue_returns_messages_and_has_one_in_the_next_round(
    queue_under_test: QueueUnderTest, lane: Lane
) -> None:
    queue = queue_under_test.queue
    publish(queue, lane, b"before")
    queue_under_test.lose(lane)

    answers = publish(queue, lane, b"lost", b"lost too")
    next_round = publish(queue, lane, b"after")

    assert answers == [Published.RETURNED] * 2
    assert next_round == [Published.CONFIRMED]
    assert bodies(drain(queue_under_test.consumer(lane), 1)) == [b"after"]


def test_declaring_again_loses_nothing(queue: WorkQueue, lane: Lane) -> None:
    publish(queue, lane, *THREE)

    queue.declare([lane, lane, make_lane()])

    assert eventually(lambda: queue.depth(lane) == 3)


def test_a_closed_queue_connects_again(queue: WorkQueue, lane: Lane) -> None:
    publish(queue, lane, b"before")
    queue.close()
    queue.close()

    answers = publish(queue, lane, b"after")

    assert answers == [Published.CONFIRMED]
    assert eventually(lambda: queue.depth(lane) == 2)


def test_a_closed_consumer_connects_again(
    queue: WorkQueue, consumer: WorkQueueConsumer, lane: Lane
) -> None:
    consumer.receive(most=1, wait=INSTANT)
    consumer.close()
    publish(queue, lane, b"after")

    assert bodies(drain(consumer, 1)) == [b"after"]


@pytest.mark.parametrize("times", [1, 2])
def test_a_ping_is_answered(queue: WorkQueue, times: int) -> None:
    for _ in range(times):
        queue.ping()
