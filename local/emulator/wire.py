"""The HTTP/1.1 that a runtime client speaks, as bytes: no sockets here.

Not http.server, because a thread and an e-mail parser per request cost more than everything else
in a warm invocation. The client sends Content-Length, never chunks, and never pipelines.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """One whole request; header names are in lower case."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes


class BodyTooLarge(Exception):
    """The request announces a body above the limit; it was not read."""


def take_request(received: bytearray, *, largest_body: int) -> Request | None:
    """Remove the first whole request from `received`; None while part of it is missing.

    Head and body may arrive in any number of pieces.
    """
    head_end = received.find(b"\r\n\r\n")
    if head_end < 0:
        return None
    request_line, *header_lines = received[:head_end].decode("latin-1").split("\r\n")
    headers = dict(_header(line) for line in header_lines)
    body_length = int(headers.get("content-length", "0"))
    if body_length > largest_body:
        raise BodyTooLarge(f"a body of {body_length} bytes, above the limit of {largest_body}")
    body_start = head_end + 4
    if len(received) < body_start + body_length:
        return None
    body = bytes(received[body_start : body_start + body_length])
    del received[: body_start + body_length]
    method, path, _version = request_line.split(" ", 2)
    return Request(method=method, path=path, headers=headers, body=body)


def response(status: HTTPStatus, headers: Mapping[str, str], body: bytes) -> bytes:
    """A whole response in one buffer, so that it leaves in one write.

    Content-Type must be exactly application/json: the native client crashes when it is missing,
    and hands the handler bytes instead of a decoded event when a charset is added.
    """
    lines = [
        f"HTTP/1.1 {status.value} {status.phrase}",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


def _header(line: str) -> tuple[str, str]:
    name, _, value = line.partition(":")
    return name.lower(), value.strip()
