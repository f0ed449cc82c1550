"""The Runtime API of one environment: the HTTP server that its process asks for events.

It has no thread. Whoever invokes the environment also drives its sockets, so a warm invocation
costs no thread switch, and waiting for an answer, for the deadline and for the end of the process
is one select.

Each environment has a port of its own, because the calls of the runtime client do not say who
they come from.
"""

import selectors
import socket
import time
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from http import HTTPStatus
from types import MappingProxyType

from local.emulator.http_answers import Answer, written
from local.emulator.http_requests import Refused, Request, RequestReader
from local.emulator.invocations import LARGEST_RESPONSE
from local.emulator.sockets import limit_waits

RECEIVE_BYTES = 64 * 1024  # malloc maps more than 128 KiB anew for each call: 12 µs of 15
SEND_LIMIT_SECONDS = 10  # for a client that stopped reading; the event is then lost with it
# Exactly this: the native client crashes when it is missing, and hands the handler bytes instead of
# a decoded event when a charset is added.
JSON = ("Content-Type", "application/json")
NO_HEADERS: Mapping[str, str] = MappingProxyType({})


class ProcessEnded(Exception):
    """The process behind this Runtime API is no longer there."""


class CallRefused(Exception):
    """A request of the client could not be read: what the handler answered is too large."""


class Connection:
    """One connection of the client. It opens several: one per thread that asks for an event."""

    def __init__(self, client: socket.socket) -> None:
        client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        limit_waits(client, SEND_LIMIT_SECONDS)
        self.socket = client
        self.reader = RequestReader(largest_body=LARGEST_RESPONSE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """A request of the client that waits for its answer."""

    request: Request
    connection: Connection

    def answer(
        self, status: HTTPStatus, body: bytes, headers: Mapping[str, str] = NO_HEADERS
    ) -> None:
        try:
            answer = Answer(status=status, headers=[JSON, *headers.items()], body=body)
            self.connection.socket.sendall(written(answer))
        except OSError as error:
            raise ProcessEnded(f"the answer to {self.request.path} did not arrive") from error


class RuntimeApi:
    """Listens on a port of its own at 127.0.0.1 from the moment it is made."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._selector = selectors.DefaultSelector()
        self._selector.register(self._listener, selectors.EVENT_READ)
        self._lifeline: socket.socket | None = None
        self._connections: set[Connection] = set()
        self._calls: deque[Call] = deque()

    @property
    def address(self) -> str:
        host, port = self._listener.getsockname()
        return f"{host}:{port}"

    def watch(self, lifeline: socket.socket) -> None:
        """Take the end of `lifeline` as the end of the process."""
        self._lifeline = lifeline
        self._selector.register(lifeline, selectors.EVENT_READ)

    def next_call(self, deadline: float) -> Call | None:
        """Wait for the client's next request; None at `deadline` (monotonic seconds).

        Raises ProcessEnded when the process died, CallRefused for a response above the limit.
        """
        while not self._calls:
            ready = self._selector.select(max(0.0, deadline - time.monotonic()))
            if not ready:
                return None
            for key, _ in ready:
                self._receive(key.fileobj, key.data)
            # What the process managed to send before it died is still heard.
            if not self._calls and any(key.fileobj is self._lifeline for key, _ in ready):
                raise ProcessEnded("the process ended")
        return self._calls.popleft()

    def close(self) -> None:
        for connection in self._connections:
            connection.socket.close()
        self._selector.close()
        self._listener.close()

    def _receive(self, source: object, connection: Connection | None) -> None:
        if connection is not None:
            self._read(connection)
        elif source is self._listener:
            client, _ = self._listener.accept()
            connection = Connection(client)
            self._connections.add(connection)
            self._selector.register(client, selectors.EVENT_READ, connection)

    def _read(self, connection: Connection) -> None:
        piece = b""
        with suppress(ConnectionError):  # a client that died resets; the lifeline tells
            piece = connection.socket.recv(RECEIVE_BYTES)
        if not piece:
            self._drop(connection)
            return
        for read in connection.reader.feed(piece):
            if isinstance(read, Refused):
                raise CallRefused(read.detail)
            self._calls.append(Call(request=read, connection=connection))

    def _drop(self, connection: Connection) -> None:
        self._selector.unregister(connection.socket)
        self._connections.discard(connection)
        connection.socket.close()
