"""One connection to RabbitMQ in confirm mode, and what has been declared on it."""

import time
from typing import Any

from dueline.domain.errors import BackendUnavailable
from dueline.domain.lanes import Lane
from dueline.work_queue import topology
from dueline.work_queue.amqp_connection import AmqpConnection
from dueline.work_queue.confirms import Confirms
from dueline.work_queue.declare import declare_exchanges, declare_queue
from dueline.work_queue.interface import Published
from dueline.work_queue.message_frames import MessageFrames

# The broker ends connections that were silent for two of these, which is how it finds out about
# processes that were frozen for good.
HEARTBEAT_SECONDS = 60
LONGEST_IDLE_SECONDS = 60.0  # after that a connection may be dead without a sign


class PublisherChannel:
    """Everything here dies with the connection: whoever gets an error drops the whole.

    Raises BackendUnavailable("rabbitmq"); deadlines are readings of time.monotonic().
    """

    def __init__(self, url: str, *, until: float) -> None:
        self._connection = AmqpConnection(
            url, name="dueline publisher", heartbeat=HEARTBEAT_SECONDS, until=until
        )
        self._declared: dict[Lane, MessageFrames] = {}
        self._confirms = Confirms([])
        self._next_tag = 1  # delivery tags count the messages of a channel
        self._used_at = time.monotonic()
        try:
            self._set_up(until)
        except BackendUnavailable:
            self._connection.drop()
            raise

    @property
    def is_stale(self) -> bool:
        return time.monotonic() - self._used_at > LONGEST_IDLE_SECONDS

    def publish(self, lane: Lane, confirms: Confirms, *, until: float) -> None:
        """Publish what `confirms` has no answer for, persistent and mandatory, and collect the
        answers. Raises if some are missing at the deadline."""
        if lane not in self._declared:
            self.declare(lane, until=until)
        frames = self._declared[lane]
        bodies = confirms.start(self._next_tag)
        self._confirms = confirms
        self._next_tag += len(bodies)
        self._connection.send(b"".join(frames.of(body) for body in bodies))
        if not self._connection.wait(confirms.complete, until=until):
            raise BackendUnavailable("rabbitmq", f"lane {lane.name}: confirms missing in time")
        if Published.RETURNED in confirms.answers:
            del self._declared[lane]  # its queue is gone: declare it before the next message
        self._used_at = time.monotonic()

    def declare(self, lane: Lane, *, until: float) -> int:
        """Returns how many messages are ready in the lane's queue."""
        ready = declare_queue(self._connection, lane, until=until)
        self._declared[lane] = MessageFrames(
            channel_number=self._connection.channel.channel_number,
            frame_max=self._connection.frame_max,
            exchange=topology.EXCHANGE,
            routing_key=lane.name,
        )
        self._used_at = time.monotonic()
        return ready

    def check(self, *, until: float) -> None:
        """Return if the broker answers."""
        declare_exchanges(self._connection, until=until)

    def close(self) -> None:
        self._connection.close()

    def drop(self) -> None:
        self._connection.drop()

    def _set_up(self, until: float) -> None:
        channel = self._connection.channel
        channel.add_on_return_callback(self._on_return)
        self._connection.ask(
            channel.confirm_delivery, until=until, ack_nack_callback=self._on_answer
        )
        declare_exchanges(self._connection, until=until)

    def _on_return(self, _channel: Any, _method: Any, _properties: Any, body: bytes) -> None:
        self._confirms.returned(body)

    def _on_answer(self, frame: Any) -> None:
        answer = frame.method
        settle = self._confirms.confirmed if answer.NAME == "Basic.Ack" else self._confirms.refused
        settle(answer.delivery_tag, multiple=answer.multiple)
