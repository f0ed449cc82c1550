"""How messages reach a function in batches, and what becomes of them."""

import base64
from collections import deque
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import timedelta
from typing import Any, Protocol

import pytest
from pika.compat import long

from dueline.work_queue.interface import Delivery
from local.emulator.invocations import EventTooLarge, TooManyRequests
from local.triggers.queue import QueueTrigger, pause_after
from tests.eventually import eventually

from .conftest import Lines
from .recording import RecordingInvoker
from .sources import ListSource, make_delivery

MB = 1024 * 1024


class Feed(Protocol):
    def __call__(
        self, source: ListSource, invoker: RecordingInvoker, **options: Any
    ) -> QueueTrigger:
        """A running trigger of function `execute` on queue `default.0`."""


@pytest.fixture
def feed(lines: Lines) -> Iterator[Feed]:
    with ExitStack() as running:

        def start(source: ListSource, invoker: RecordingInvoker, **options: Any) -> QueueTrigger:
            trigger = QueueTrigger(
                invoker, "execute", source, queue_name="default.0", log=lines, **options
            )
            trigger.start()
            running.callback(trigger.stop)
            return trigger

        yield start


def bodies(event: Any) -> list[bytes]:
    return [
        base64.b64decode(message["data"]) for message in event["rmqMessagesByQueue"]["default.0::/"]
    ]


def deliveries(count: int, **changes: Any) -> list[Delivery]:
    return [make_delivery(number, **changes) for number in range(count)]


def test_what_is_there_goes_in_one_event_and_is_acked(feed: Feed) -> None:
    messages = deliveries(3)
    source, invoker = ListSource(*messages), RecordingInvoker()

    feed(source, invoker)

    eventually(lambda: source.acked == messages)
    assert invoker.functions == ["execute"]
    assert bodies(invoker.events[0]) == [b"message 0", b"message 1", b"message 2"]


def test_an_event_has_no_more_messages_than_the_batch_size(feed: Feed) -> None:
    messages = deliveries(5)
    source, invoker = ListSource(*messages), RecordingInvoker()

    feed(source, invoker, batch_size=2)

    eventually(lambda: source.acked == messages)
    assert [len(bodies(event)) for event in invoker.events] == [2, 2, 1]


def test_a_message_alone_does_not_wait_for_others(feed: Feed) -> None:
    source, invoker = ListSource(), RecordingInvoker()
    feed(source, invoker)
    [message] = deliveries(1)

    source.put(message)

    eventually(lambda: source.acked == [message])


def test_the_first_message_opens_a_window_for_others(feed: Feed) -> None:
    first, second, third = deliveries(3)
    source, invoker = ListSource(first), RecordingInvoker()

    feed(source, invoker, batch_size=3, window=timedelta(seconds=60))
    eventually(lambda: source.taken == [first])
    source.put(second)
    eventually(lambda: source.taken == [first, second])
    source.put(third)

    eventually(lambda: source.acked == [first, second, third])
    assert len(invoker.events) == 1


def test_a_trigger_stopped_within_a_window_brings_what_it_took_to_its_end(feed: Feed) -> None:
    [message] = deliveries(1)
    source, invoker = ListSource(message), RecordingInvoker()
    trigger = feed(source, invoker, window=timedelta(seconds=60))
    eventually(lambda: source.taken == [message])

    trigger.stop()

    assert source.acked == [message]
    assert source.is_closed


def test_one_event_at_a_time(feed: Feed) -> None:
    source, invoker = ListSource(*deliveries(2)), RecordingInvoker()
    invoker.open.clear()

    feed(source, invoker, batch_size=1)
    eventually(lambda: len(invoker.events) == 1)

    assert len(source.taken) == 1
    assert source.acked == []
    invoker.open.set()
    eventually(lambda: len(source.acked) == 2)


def test_a_failed_batch_goes_back_whole_and_comes_again(feed: Feed, lines: Lines) -> None:
    messages = deliveries(2)
    source, invoker = ListSource(*messages), RecordingInvoker(deque(["ValueError"]))

    feed(source, invoker)

    eventually(lambda: source.acked == messages)
    assert source.requeued == [messages]
    assert "queue default.0: ValueError: the batch of 2 goes back to the queue" in lines.text()


def test_a_throttled_batch_goes_back(feed: Feed, lines: Lines) -> None:
    messages = deliveries(1)
    source, invoker = ListSource(*messages), RecordingInvoker(deque([TooManyRequests("busy")]))

    feed(source, invoker)

    eventually(lambda: source.acked == messages)
    assert source.requeued == [messages]
    assert "TooManyRequestsException (busy)" in lines.text()


def test_messages_too_large_together_go_in_several_events(feed: Feed) -> None:
    messages = deliveries(4, body=b"x" * 2 * MB)
    source, invoker = ListSource(*messages), RecordingInvoker()

    feed(source, invoker)

    eventually(lambda: source.acked == messages)
    assert [len(bodies(event)) for event in invoker.events] == [2, 2]


def test_a_header_that_the_driver_reads_as_a_number_of_its_own_reaches_the_function(
    feed: Feed,
) -> None:
    again = make_delivery(1, headers={"x-delivery-count": long(2)})  # pika's, an int of 64 bits
    source, invoker = ListSource(again), RecordingInvoker()

    feed(source, invoker)

    eventually(lambda: source.acked == [again])
    [message] = invoker.events[0]["rmqMessagesByQueue"]["default.0::/"]
    assert message["basicProperties"]["headers"] == {"x-delivery-count": 2}


def test_a_message_too_large_alone_is_dropped_and_said(feed: Feed, lines: Lines) -> None:
    large = make_delivery(1, body=b"x" * 5 * MB)
    source, invoker = ListSource(large), RecordingInvoker(deque([EventTooLarge("6 MB")]))

    feed(source, invoker)

    eventually(lambda: source.acked == [large])
    assert "queue default.0: message dropped: 6 MB" in lines.text()


def test_a_lost_broker_is_asked_until_it_is_back(feed: Feed, lines: Lines) -> None:
    messages = deliveries(2)
    source, invoker = ListSource(*messages), RecordingInvoker()
    source.down = 2

    feed(source, invoker)

    eventually(lambda: source.acked == messages)
    assert lines.text().count("rabbitmq: connection lost; asking again") == 2


def test_a_batch_whose_ack_is_lost_comes_again(feed: Feed) -> None:
    messages = deliveries(1)
    source, invoker = ListSource(*messages), RecordingInvoker()
    invoker.open.clear()

    feed(source, invoker)
    eventually(lambda: len(invoker.events) == 1)
    source.down = 1
    invoker.open.set()

    eventually(lambda: source.acked == messages)
    assert len(invoker.events) == 2


def test_a_broker_lost_between_two_parts_of_a_batch_gives_the_rest_anew(feed: Feed) -> None:
    messages = deliveries(4, body=b"x" * 2 * MB)
    source, invoker = ListSource(*messages), RecordingInvoker()
    invoker.open.clear()

    feed(source, invoker)
    eventually(lambda: len(invoker.events) == 1)
    source.down = 1
    invoker.open.set()

    eventually(lambda: sorted(each.token for each in source.acked) == ["0", "1", "2", "3"])
    assert [len(bodies(event)) for event in invoker.events] == [2, 2, 2]


def test_a_stopped_trigger_takes_no_more_and_lets_go_of_the_source(feed: Feed) -> None:
    source, invoker = ListSource(), RecordingInvoker()
    trigger = feed(source, invoker)

    trigger.stop()
    source.put(*deliveries(1))

    assert source.is_closed
    assert len(source.ready) == 1


def test_pauses_double_up_to_a_bound() -> None:
    seconds = [pause_after(failures).total_seconds() for failures in (0, 1, 2, 6, 7, 8, 1_000)]

    assert seconds == [0.1, 0.2, 0.4, 6.4, 10, 10, 10]


def test_a_subscription_that_is_silent_for_long_is_made_anew(feed: Feed) -> None:
    source, invoker = ListSource(), RecordingInvoker()

    feed(source, invoker, longest_silence=timedelta(0))

    eventually(lambda: source.is_closed)
    source.put(make_delivery(1))
    eventually(lambda: source.acked)
