"""One connection that consumes a lane's queue, and what it has not settled yet."""

from collections import deque
from collections.abc import Sequence
from itertools import takewhile
from typing import Any

from pika.exceptions import ConsumerCancelled

from dueline.domain.errors import BackendUnavailable
from dueline.domain.lanes import Lane
from dueline.work_queue import topology
from dueline.work_queue.amqp_connection import AmqpConnection, broker_errors
from dueline.work_queue.declare import declare_exchanges, declare_queue
from dueline.work_queue.interface import Delivery

# No heartbeats: the caller may be busy with an invocation for 15 minutes and turns no loop then,
# and a thread that kept the connection alive would keep a stuck consumer alive too. A consumer
# that ends, however it ends, has its socket closed by its system, which the broker sees at once;
# a broker that vanished is found by TCP keepalive.
NO_HEARTBEAT = 0


class ConsumerChannel:
    """Everything here dies with the connection; the broker then gives what was not acked to
    whoever consumes next. Delivery tags count from 1 on each connection, so tokens carry the
    connection's `number`: a token of another connection is never taken for one of this.

    Raises BackendUnavailable("rabbitmq"); deadlines are readings of time.monotonic().
    """

    def __init__(self, url: str, lane: Lane, *, prefetch: int, number: int, until: float) -> None:
        self._prefix = f"{number}."
        self._arrived: deque[Delivery] = deque()
        self._unsettled: dict[int, None] = {}  # delivery tags, in order
        self._connection = AmqpConnection(
            url, name=f"dueline consumer of {lane.name}", heartbeat=NO_HEARTBEAT, until=until
        )
        try:
            self._consume(lane, prefetch, until)
        except BackendUnavailable:
            self._connection.drop()
            raise

    def receive(self, *, most: int, until: float) -> list[Delivery]:
        """Wait for a first message, then take what is already there."""
        self._connection.wait(lambda: bool(self._arrived), until=until)
        before = 0
        while before < len(self._arrived) < most:
            before = len(self._arrived)
            self._connection.exchange()
        return [self._arrived.popleft() for _ in range(min(most, len(self._arrived)))]

    def owns(self, delivery: Delivery) -> bool:
        return delivery.token.startswith(self._prefix)

    def ack(self, deliveries: Sequence[Delivery]) -> None:
        run, rest = self._settle(deliveries)
        channel = self._connection.channel
        with broker_errors():
            if run:
                channel.basic_ack(run[-1], multiple=True)
            for tag in rest:
                channel.basic_ack(tag)
        self._connection.exchange()

    def nack(self, deliveries: Sequence[Delivery]) -> None:
        """Give back by basic.nack."""
        run, rest = self._settle(deliveries)
        channel = self._connection.channel
        with broker_errors():
            if run:
                channel.basic_nack(run[-1], multiple=True, requeue=True)
            for tag in rest:
                channel.basic_nack(tag, requeue=True)
        self._connection.exchange()

    def reject(self, deliveries: Sequence[Delivery]) -> None:
        """Give back by basic.reject, which knows no "multiple"."""
        run, rest = self._settle(deliveries)
        with broker_errors():
            for tag in run + rest:
                self._connection.channel.basic_reject(tag, requeue=True)
        self._connection.exchange()

    def close(self) -> None:
        self._connection.close()

    def drop(self) -> None:
        self._connection.drop()

    def _consume(self, lane: Lane, prefetch: int, until: float) -> None:
        connection, channel = self._connection, self._connection.channel
        declare_exchanges(connection, until=until)
        declare_queue(connection, lane, until=until)
        channel.add_on_cancel_callback(  # the queue was deleted
            lambda frame: connection.lose(ConsumerCancelled(frame.method))
        )
        connection.ask(channel.basic_qos, until=until, prefetch_count=prefetch)
        connection.ask(
            channel.basic_consume,
            until=until,
            queue=topology.queue_name(lane),
            on_message_callback=self._on_message,
        )

    def _on_message(self, _channel: Any, method: Any, properties: Any, body: bytes) -> None:
        fields = {name: value for name, value in vars(properties).items() if value is not None}
        headers = fields.pop("headers", {})
        self._unsettled[method.delivery_tag] = None
        self._arrived.append(
            Delivery(
                body=body,
                redelivered=method.redelivered,
                token=f"{self._prefix}{method.delivery_tag}",
                properties=fields,
                headers=headers,
            )
        )

    def _settle(self, deliveries: Sequence[Delivery]) -> tuple[list[int], list[int]]:
        """The tags to settle: a run from the earliest open one on, which one method can name,
        and the rest. A tag that is settled already is left out: naming it ends the channel."""
        tags = {int(delivery.token.removeprefix(self._prefix)) for delivery in deliveries}
        run = list(takewhile(tags.__contains__, self._unsettled))
        rest = sorted(tags.intersection(self._unsettled).difference(run))
        for tag in run + rest:
            del self._unsettled[tag]
        return run, rest
