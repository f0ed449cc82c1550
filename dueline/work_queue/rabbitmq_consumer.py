"""Consuming one lane from RabbitMQ, as the platform's event source mapping does."""

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from typing import Literal

from dueline.domain.errors import BackendUnavailable
from dueline.domain.lanes import Lane
from dueline.work_queue.consumer_channel import ConsumerChannel
from dueline.work_queue.interface import Delivery


class RabbitConsumer:
    """See WorkQueueConsumer. Used from one thread; reconnects on the call after an error.

    `prefetch` is the most that the broker hands out before acks: the largest batch. `requeue_by`
    is the verb that gives messages back: from RabbitMQ 4.3 on a reject counts towards the
    queue's delivery limit and a nack does not.
    """

    def __init__(
        self,
        url: str,
        lane: Lane,
        *,
        prefetch: int = 100,
        requeue_by: Literal["nack", "reject"] = "nack",
        answer_within: timedelta = timedelta(seconds=5),
    ) -> None:
        self._url = url
        self._lane = lane
        self._prefetch = prefetch
        self._requeue_by = requeue_by
        self._answer_within = answer_within
        self._connections = 0
        self._channel: ConsumerChannel | None = None

    def receive(self, *, most: int, wait: timedelta) -> list[Delivery]:
        until = time.monotonic() + wait.total_seconds()
        with self._dropped_on_error():
            channel = self._channel = self._channel or self._connect()
            return channel.receive(most=most, until=until)

    def ack(self, deliveries: Sequence[Delivery]) -> None:
        """Raises BackendUnavailable if some came by a connection that is lost: they come again."""
        ours = self._ours(deliveries)
        with self._dropped_on_error():
            if self._channel is not None and ours:
                self._channel.ack(ours)
        if lost := len(deliveries) - len(ours):
            raise BackendUnavailable("rabbitmq", f"{lost} messages not acked: connection lost")

    def requeue(self, deliveries: Sequence[Delivery]) -> None:
        """What came by a connection that is lost needs nothing: the broker gives it anew."""
        ours = self._ours(deliveries)
        with self._dropped_on_error():
            if self._channel is not None and ours:
                give_back = {"nack": self._channel.nack, "reject": self._channel.reject}
                give_back[self._requeue_by](ours)

    def close(self) -> None:
        if self._channel is not None:
            self._channel.close()
        self._channel = None

    def _connect(self) -> ConsumerChannel:
        self._connections += 1
        return ConsumerChannel(
            self._url,
            self._lane,
            prefetch=self._prefetch,
            number=self._connections,
            until=time.monotonic() + self._answer_within.total_seconds(),
        )

    def _ours(self, deliveries: Sequence[Delivery]) -> list[Delivery]:
        channel = self._channel
        return [delivery for delivery in deliveries if channel and channel.owns(delivery)]

    @contextmanager
    def _dropped_on_error(self) -> Iterator[None]:
        try:
            yield
        except BackendUnavailable:
            if self._channel is not None:
                self._channel.drop()
            self._channel = None
            raise
