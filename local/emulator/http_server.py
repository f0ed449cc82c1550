"""HTTP/1.1 servers for the local machine: keep-alive, no delay, no access log."""

import errno
import selectors
import socket
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from socketserver import BaseRequestHandler, ThreadingTCPServer
from typing import Any, Protocol

from local.emulator.http_answers import Answer, written
from local.emulator.http_requests import Refused, Request, RequestReader
from local.emulator.sockets import limit_waits

# A caller that opens a connection and says nothing would otherwise keep a thread for ever.
IDLE_SECONDS = 75
LAST_ANSWERS_SECONDS = 5.0  # for requests that are at work when the server stops
RECEIVE_BYTES = 64 * 1024  # malloc maps more than 128 KiB anew for each call: 12 µs of 15
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


class PortTaken(Exception):
    """Another process listens on the port. `port` lets the caller find out which."""

    def __init__(self, port: int) -> None:
        super().__init__(f"port {port} on 127.0.0.1 is taken: end its holder or choose another")
        self.port = port


@dataclass(frozen=True, slots=True, kw_only=True)
class Ends:
    """Of the connection that a request came over."""

    caller: str  # the address
    port: int  # ours


class Site(Protocol):
    """Who answers. Called from one thread per connection."""

    largest_body: int

    def answer(self, request: Request, ends: Ends) -> Answer: ...

    def refuse(self, refused: Refused) -> Answer: ...


class LocalServer(ThreadingTCPServer):
    """Listens from the moment it is made; answers between `start` and `stop`.

    On 127.0.0.1, but for a container, whose port is bound to loopback outside. Raises PortTaken.
    Port 0 takes a free one.
    """

    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int, site: Site, *, host: str = "127.0.0.1") -> None:
        handler: Callable[..., BaseRequestHandler] = partial(_ConnectionHandler, site)
        with named_if_taken(port):
            super().__init__((host, port), handler)
        self._connections: set[Any] = set()
        self._closed_one = threading.Condition()
        self._stop, self._stopped = socket.socketpair()
        self._thread = threading.Thread(target=self._serve, name="http", daemon=True)

    @property
    def url(self) -> str:
        host, port = self.socket.getsockname()
        return f"http://{host}:{port}"

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Stop listening, let what has been asked be answered, and close every connection."""
        self._stop.close()
        if self._thread.is_alive():
            self._thread.join()
        self._stopped.close()
        self.server_close()
        self._shut(socket.SHUT_RD)
        with self._closed_one:
            self._closed_one.wait_for(lambda: not self._connections, LAST_ANSWERS_SECONDS)
        self._shut(socket.SHUT_RDWR)

    def process_request(self, request: Any, client_address: Any) -> None:
        self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        super().shutdown_request(request)
        with self._closed_one:
            self._connections.discard(request)
            self._closed_one.notify()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Show errors of ours; a caller that went away, or fell silent, is none."""
        if not isinstance(sys.exception(), ConnectionError | BlockingIOError):
            super().handle_error(request, client_address)

    def _shut(self, directions: int) -> None:
        for connection in list(self._connections):
            with suppress(OSError):  # it closed meanwhile
                connection.shutdown(directions)

    def _serve(self) -> None:
        # Not serve_forever: it looks twice a second whether it should stop, and stops that late.
        with selectors.DefaultSelector() as selector:
            selector.register(self, selectors.EVENT_READ)
            selector.register(self._stopped, selectors.EVENT_READ)
            while all(key.fileobj is self for key, _ in selector.select()):
                self.handle_request()


def check_free(port: int, *, host: str) -> None:
    """Raise PortTaken if a server could not listen there."""
    with named_if_taken(port):
        socket.create_server((host, port)).close()


@contextmanager
def named_if_taken(port: int) -> Iterator[None]:
    """Raise PortTaken where the address is in use."""
    try:
        yield
    except OSError as error:
        if error.errno != errno.EADDRINUSE:
            raise
        raise PortTaken(port) from error


class _ConnectionHandler(BaseRequestHandler):
    """One connection: its requests, one after the other."""

    request: socket.socket

    def __init__(self, site: Site, *connection: Any) -> None:
        self._site = site
        super().__init__(*connection)

    def handle(self) -> None:
        connection, site = self.request, self._site
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        limit_waits(connection, IDLE_SECONDS)
        ends = Ends(caller=self.client_address[0], port=connection.getsockname()[1])
        reader = RequestReader(largest_body=site.largest_body)
        while piece := connection.recv(RECEIVE_BYTES):
            for read in reader.feed(piece):
                if isinstance(read, Refused):
                    told = written(site.refuse(read), last=not read.keep_alive)
                else:
                    answer = site.answer(read, ends)
                    told = written(answer, to=read.method, last=not read.keep_alive)
                connection.sendall(told)
                if not read.keep_alive:
                    return
            if reader.is_to_say_continue():
                connection.sendall(CONTINUE)
