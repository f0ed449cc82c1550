"""HTTP/1.1 servers for the local machine: keep-alive, no delay, no access log."""

import errno
import selectors
import socket
import sys
import threading
from contextlib import suppress
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler
from socketserver import ThreadingTCPServer
from typing import Any

# A caller that opens a connection and says nothing would otherwise keep a thread for ever.
IDLE_SECONDS = 75.0
SKIP_BYTES = 64 * 1024


class PortTaken(Exception):
    """Another process listens on the port. `port` lets the caller find out which."""

    def __init__(self, port: int) -> None:
        super().__init__(f"port {port} on 127.0.0.1 is taken: end its holder or choose another")
        self.port = port


class BodyRefused(Exception):
    """The request's body was not read; `status` says why."""

    def __init__(self, status: HTTPStatus, detail: str) -> None:
        super().__init__(detail)
        self.status = status


class QuietHandler(BaseHTTPRequestHandler):
    """One connection. Subclasses add do_GET and the like, and call `read_body` and `answer`."""

    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True
    wbufsize = -1  # head and body leave in one packet; unbuffered they cost 40 ms of delayed ACK
    timeout = IDLE_SECONDS

    def read_body(self, *, largest: int) -> bytes:
        """The whole body. Raises BodyRefused, and closes the connection if it cannot be skipped."""
        if self.headers.get("Transfer-Encoding"):
            self.close_connection = True
            raise BodyRefused(HTTPStatus.LENGTH_REQUIRED, "send the body with a Content-Length")
        length = self.headers.get("Content-Length", "0")
        if not length.isdecimal():
            self.close_connection = True
            raise BodyRefused(HTTPStatus.BAD_REQUEST, f"Content-Length {length!r} is not a number")
        if int(length) > largest:
            self._skip(int(length))
            detail = f"the body has {length} bytes; the limit is {largest}"
            raise BodyRefused(HTTPStatus.REQUEST_ENTITY_TOO_LARGE, detail)
        body = self.rfile.read(int(length))
        if len(body) < int(length):
            raise ConnectionAbortedError("the caller went away in mid-request")
        return body

    def answer(self, status: int, headers: list[tuple[str, str]], body: bytes = b"") -> None:
        """Write a whole response. A HEAD request gets the head of it."""
        self.send_response_only(status)
        for name, value in headers:
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)
        self.wfile.flush()

    def _skip(self, length: int) -> None:
        # Answered before all was read, a caller would see a reset connection, not the answer.
        while length > 0 and (piece := self.rfile.read(min(length, SKIP_BYTES))):
            length -= len(piece)

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class's name
        """Say nothing: the functions have logs of their own."""


class LocalServer(ThreadingTCPServer):
    """Listens from the moment it is made; answers between `start` and `stop`.

    On 127.0.0.1, but for a container, whose port is bound to loopback outside. Raises PortTaken.
    Port 0 takes a free one.
    """

    allow_reuse_address = True
    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int, handler: type[QuietHandler], *, host: str = "127.0.0.1") -> None:
        try:
            super().__init__((host, port), handler)
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise
            raise PortTaken(port) from error
        self._connections: set[Any] = set()
        self._stop, self._stopped = socket.socketpair()
        self._thread = threading.Thread(target=self._serve, name="http", daemon=True)

    @property
    def url(self) -> str:
        host, port = self.socket.getsockname()
        return f"http://{host}:{port}"

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Stop listening and close every connection."""
        self._stop.close()
        if self._thread.is_alive():
            self._thread.join()
        self._stopped.close()
        self.server_close()
        for connection in list(self._connections):
            with suppress(OSError):  # it closed meanwhile
                connection.shutdown(socket.SHUT_RDWR)

    def process_request(self, request: Any, client_address: Any) -> None:
        self._connections.add(request)
        super().process_request(request, client_address)

    def shutdown_request(self, request: Any) -> None:
        self._connections.discard(request)
        super().shutdown_request(request)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Show errors of ours; a caller that went away is none."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)

    def _serve(self) -> None:
        # Not serve_forever: it looks twice a second whether it should stop, and stops that late.
        with selectors.DefaultSelector() as selector:
            selector.register(self, selectors.EVENT_READ)
            selector.register(self._stopped, selectors.EVENT_READ)
            while all(key.fileobj is self for key, _ in selector.select()):
                self.handle_request()
