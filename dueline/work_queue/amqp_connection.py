"""A connection to RabbitMQ on which every wait ends.

pika's BlockingConnection waits for a frozen broker for as long as its heartbeats allow, which is
minutes. Here the calling thread turns pika's own I/O loop, a deadline bounds every wait, and a
connection that missed one is dropped without asking the broker. Between calls nothing runs: no
thread, and nothing that a frozen process would miss.
"""

import logging
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import pika
from pika.adapters.select_connection import IOLoop, SelectConnection
from pika.channel import Channel
from pika.exceptions import AMQPError

from dueline.domain.errors import BackendUnavailable

# What pika logs as errors it also reports to us, and we decide whether it is one.
logging.getLogger("pika").setLevel(logging.CRITICAL)

CLOSE_WITHIN_SECONDS = 0.5
TURNS_TO_DROP = 10  # it takes two or three: pika closes by callbacks
# For a peer that vanished without a word: a host lost its power, a load balancer forgot us.
TCP_OPTIONS = {"TCP_KEEPIDLE": 30, "TCP_KEEPINTVL": 10, "TCP_KEEPCNT": 3}


@contextmanager
def broker_errors() -> Iterator[None]:
    """Turn pika's errors into ours."""
    try:
        yield
    except AMQPError as error:
        raise BackendUnavailable("rabbitmq", repr(error)) from error


class _Connection(SelectConnection):  # type: ignore[misc]  # pika is not typed
    """pika's connection, with what its public side lacks."""

    def send(self, frames: bytes) -> None:
        """Send frames that are marshalled already, in one piece."""
        self._adapter_emit_data(frames)

    def abandon(self) -> None:
        """Close the socket without asking the broker: it may not answer."""
        self._terminate_stream(AMQPError("abandoned"))


class AmqpConnection:
    """One open connection with one open channel, used from one thread at a time.

    Deadlines (`until`) are readings of time.monotonic(): only the length of waits is measured.
    Raises BackendUnavailable("rabbitmq") once the connection or the channel is lost.
    """

    channel: Channel

    def __init__(self, url: str, *, name: str, heartbeat: int, until: float) -> None:
        self._lost: Exception | None = None
        self._loop = IOLoop()
        self._loop.activate_poller()
        self._connection = _Connection(
            _parameters(url, name=name, heartbeat=heartbeat, until=until),
            on_open_error_callback=lambda _, error: self.lose(error),
            on_close_callback=lambda _, reason: self.lose(reason),
            custom_ioloop=self._loop,
        )
        try:
            self._need(lambda: self._connection.is_open, "opening a connection", until)
            self.channel = self._connection.channel(on_open_callback=_nothing)
            self.channel.add_on_close_callback(lambda _, reason: self.lose(reason))
            self._need(lambda: self.channel.is_open, "opening a channel", until)
        except BackendUnavailable:
            self.drop()
            raise

    def lose(self, reason: Exception) -> None:
        """Count the connection as lost, for the first reason given."""
        self._lost = self._lost or reason

    def wait(self, ready: Callable[[], bool], *, until: float) -> bool:
        """Let bytes come and go until `ready` (True) or the deadline (False)."""
        waker = self._loop.call_later(max(0.0, until - time.monotonic()), _nothing)
        try:
            while not ready():
                if time.monotonic() >= until:
                    return False
                self._turn()
        finally:
            self._loop.remove_timeout(waker)
        return True

    def exchange(self) -> None:
        """Send and take what can be sent and taken without waiting."""
        self._loop.call_later(0, _nothing)
        self._turn()
        self._raise_if_lost()

    def send(self, frames: bytes) -> None:
        """Send marshalled frames, while waiting for whatever comes next."""
        if self._lost is None:
            self._connection.send(frames)

    @property
    def frame_max(self) -> int:
        """The largest frame that both sides agreed on, in bytes."""
        return int(self._connection.params.frame_max)

    def ask(self, method: Callable[..., Any], *, until: float, **arguments: Any) -> Any:
        """Call a method of the channel that the broker answers. Returns the answer's fields."""
        answers: list[Any] = []
        with broker_errors():
            method(**arguments, callback=answers.append)
        self._need(lambda: bool(answers), method.__name__, until)
        return answers[0].method

    def close(self) -> None:
        """Say goodbye if the broker listens, so that all that was sent before has arrived."""
        if self._connection.is_open:
            self._connection.close()
            with suppress(BackendUnavailable):
                self.wait(
                    lambda: bool(self._connection.is_closed),
                    until=time.monotonic() + CLOSE_WITHIN_SECONDS,
                )
        self.drop()

    def drop(self) -> None:
        """Close the socket now, whatever the broker does."""
        if not self._connection.is_closed:
            self._connection.abandon()
        for _ in range(TURNS_TO_DROP):
            if self._connection.is_closed:
                break
            self._loop.process_timeouts()
        self._loop.close()

    def _need(self, ready: Callable[[], bool], what: str, until: float) -> None:
        if not self.wait(ready, until=until):
            raise BackendUnavailable("rabbitmq", f"no answer in time to {what}")

    def _turn(self) -> None:
        self._raise_if_lost()
        self._loop.poll()
        self._loop.process_timeouts()

    def _raise_if_lost(self) -> None:
        if self._lost is not None:
            raise BackendUnavailable("rabbitmq", repr(self._lost)) from self._lost


def _parameters(url: str, *, name: str, heartbeat: int, until: float) -> pika.URLParameters:
    """amqps:// URLs verify the broker's certificate against the system's authorities."""
    left = max(0.001, until - time.monotonic())
    parameters = pika.URLParameters(url)
    parameters.heartbeat = heartbeat
    parameters.socket_timeout = left
    parameters.stack_timeout = left
    parameters.client_properties = {"connection_name": name}
    parameters.tcp_options = {
        option: value for option, value in TCP_OPTIONS.items() if hasattr(socket, option)
    }
    return parameters


def _nothing(*_: object) -> None:
    """Only wakes the loop."""
