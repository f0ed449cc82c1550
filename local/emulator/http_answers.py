"""HTTP/1.1 answers as bytes."""

from collections.abc import Sequence
from dataclasses import dataclass
from http import HTTPStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a request is answered. Content-Length and Connection are added when it is written."""

    status: int
    headers: Sequence[tuple[str, str]]
    body: bytes = b""


def written(answer: Answer, *, to: str = "GET", last: bool = False) -> bytes:
    """In one piece, since head and body apart could cost 40 ms of delayed ACK.

    `to` is the request's method: a HEAD request gets the head alone. `last`: the connection ends.
    """
    lines = [
        f"HTTP/1.1 {int(answer.status)} {_phrase(answer.status)}",
        *(f"{name}: {value}" for name, value in answer.headers),
        f"Content-Length: {len(answer.body)}",
    ]
    if last:
        lines.append("Connection: close")
    head = "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n"
    return head if to == "HEAD" else head + answer.body


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:  # a function may answer with a status of its own
        return ""
