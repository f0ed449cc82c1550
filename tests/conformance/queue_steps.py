"""Values and steps that the tests of due buffers and work queues share."""

import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pika

from dueline.domain.lanes import Lane
from dueline.domain.tasks import DueTask, TaskRef
from dueline.due_buffer.interface import DueBuffer
from dueline.due_buffer.redis import RedisDueBuffer
from dueline.work_queue.interface import Delivery, WorkQueue, WorkQueueConsumer
from tests.factories import NOON, make_task_id

PATIENT = timedelta(seconds=5)  # how long a test waits for an answer on a busy machine


@dataclass(frozen=True, slots=True, kw_only=True)
class BufferUnderTest:
    """A due buffer, and what no port offers."""

    buffer: DueBuffer
    another: DueBuffer  # one more client of the same server
    flush: Callable[[], None]


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueUnderTest:
    """A work queue, and what no port offers."""

    queue: WorkQueue
    consumer: Callable[[Lane], WorkQueueConsumer]
    lose: Callable[[Lane], None]  # the lane's queue, with all that is in it


def make_lane(*, index: int = 0, count: int = 1, queue: str | None = None) -> Lane:
    return Lane(queue or f"q{uuid.uuid4().hex[:12]}", index, count)


def make_due(*, at: datetime = NOON, fence: int = 0, task_id: str | None = None) -> DueTask:
    return DueTask(TaskRef(task_id or make_task_id(), fence), at)


def patient_buffer(url: str, *, answer_within: timedelta = PATIENT) -> RedisDueBuffer:
    return RedisDueBuffer(url, connect_within=PATIENT, answer_within=answer_within)


def delete_queue(url: str, name: str) -> None:
    with _channel(url) as channel:
        channel.queue_delete(name)


def make_classic_queue(url: str, name: str) -> None:
    with _channel(url) as channel:
        channel.queue_declare(name, durable=True)


def queue_length(url: str, name: str) -> int:
    with _channel(url) as channel:
        return int(channel.queue_declare(name, passive=True).method.message_count)


def drain(consumer: WorkQueueConsumer, count: int) -> list[Delivery]:
    """Receive until there are `count` messages, which may take several calls."""
    received: list[Delivery] = []
    give_up = time.monotonic() + PATIENT.total_seconds()
    while len(received) < count and time.monotonic() < give_up:
        received += consumer.receive(most=count - len(received), wait=PATIENT)
    return received


@contextmanager
def _channel(url: str) -> Iterator[Any]:
    connection = pika.BlockingConnection(pika.URLParameters(url))
    try:
        yield connection.channel()
    finally:
        connection.close()


def bodies(deliveries: list[Delivery]) -> list[bytes]:
    return [delivery.body for delivery in deliveries]
