"""HTTP/1.1 requests out of the bytes of a connection. No socket: what arrives is fed in."""

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus

import httptools

LARGEST_HEAD = 64 * 1024  # bytes of path and headers


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One whole request."""

    method: str
    path: str  # with its query, as it was sent
    headers: Sequence[tuple[str, str]]
    body: bytes
    keep_alive: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A request that is not read: its answer should have this status, and say why."""

    status: HTTPStatus
    detail: str
    keep_alive: bool


class RequestReader:
    """Reads the requests of one connection, in any number of pieces.

    A request is refused as soon as it is known to be too large. Its body, if the caller goes on
    sending it, is passed over. After a refusal without keep_alive nothing more can be read.
    """

    def __init__(self, *, largest_body: int) -> None:
        self._largest_body = largest_body
        self._read: list[Request | Refused] = []
        self._waits: bool
        self._begin()
        self._parser = httptools.HttpRequestParser(self)

    def feed(self, piece: bytes) -> list[Request | Refused]:
        """What `piece` has completed, in order."""
        try:
            self._parser.feed_data(piece)
        except httptools.HttpParserUpgrade as upgrade:
            # To another protocol: not offered, so the connection goes on as it is (RFC 9110 §7.8).
            self._parser = httptools.HttpRequestParser(self)
            if rest := piece[upgrade.args[0] :]:
                return [*self._taken(), *self.feed(rest)]
        except httptools.HttpParserError as error:
            self._refuse(HTTPStatus.BAD_REQUEST, f"this is not HTTP/1.1: {error}", keep_alive=False)
        return self._taken()

    def is_to_say_continue(self) -> bool:
        """Whether the caller waits for 100 Continue before it sends a body. True once."""
        waits, self._waits = self._waits, False
        return waits and not self._is_refused

    # What httptools calls, by these names.

    def on_message_begin(self) -> None:
        self._begin()

    def on_url(self, part: bytes) -> None:
        self._path += part
        self._count(len(part))

    def on_header(self, name: bytes, value: bytes) -> None:
        self._headers.append((name.decode("latin-1"), value.decode("latin-1")))
        self._count(len(name) + len(value))

    def on_headers_complete(self) -> None:
        for name, value in self._headers:
            known = name.lower()
            if known == "content-length" and int(value) > self._largest_body:
                self._too_large(value)
            elif known == "expect":
                self._waits = value.lower() == "100-continue"

    def on_body(self, part: bytes) -> None:
        self._length += len(part)
        if self._length > self._largest_body:
            self._too_large(f"at least {self._length}")
        if not self._is_refused:
            self._body.append(part)

    def on_message_complete(self) -> None:
        self._waits = False
        if not self._is_refused:
            self._read.append(
                Request(
                    method=self._parser.get_method().decode("latin-1"),
                    path=self._path.decode("latin-1"),
                    headers=self._headers,
                    body=self._body[0] if len(self._body) == 1 else b"".join(self._body),
                    keep_alive=self._parser.should_keep_alive(),
                )
            )

    def _begin(self) -> None:
        self._path = b""
        self._headers: list[tuple[str, str]] = []
        self._body: list[bytes] = []
        self._head_length = self._length = 0
        self._is_refused = False
        self._waits = False

    def _taken(self) -> list[Request | Refused]:
        read, self._read = self._read, []
        return read

    def _count(self, length: int) -> None:
        self._head_length += length
        if self._head_length > LARGEST_HEAD:
            self._refuse(
                HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE,
                f"path and headers are longer than {LARGEST_HEAD} bytes",
                keep_alive=False,
            )

    def _too_large(self, length: str) -> None:
        self._refuse(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            f"the body has {length} bytes; the limit is {self._largest_body}",
            keep_alive=self._parser.should_keep_alive(),
        )

    def _refuse(self, status: HTTPStatus, detail: str, *, keep_alive: bool) -> None:
        if not self._is_refused:
            self._is_refused = True
            self._read.append(Refused(status=status, detail=detail, keep_alive=keep_alive))
