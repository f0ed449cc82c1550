"""Every error that the API answers: RFC 9457 problem details with a stable code."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

import msgspec

from dueline.http_api.exchange import Response


class Kind(NamedTuple):
    """What all problems of one code share."""

    status: int
    title: str
    retryable: bool = False  # whether the same request may be accepted later


KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        "MALFORMED_JSON": Kind(400, "The body is not JSON"),
        "NOT_FOUND": Kind(404, "There is nothing at this path"),
        "TASK_NOT_FOUND": Kind(404, "There is no such task"),
        "METHOD_NOT_ALLOWED": Kind(405, "This path has no such method"),
        "BODY_TOO_LARGE": Kind(413, "The body is too large"),
        "UNSUPPORTED_JSON": Kind(422, "JSON that cannot be kept as it is"),
        "INVALID_FIELD": Kind(422, "A field is unknown, missing or of the wrong kind"),
        "CONFLICTING_FIELDS": Kind(422, "Two fields exclude each other"),
        "INVALID_TIME": Kind(422, "A time cannot be used"),
        "INVALID_DURATION": Kind(422, "A length of time cannot be used"),
        "UNKNOWN_TYPE": Kind(422, "No handler for this task type"),
        "UNKNOWN_QUEUE": Kind(422, "There is no such queue"),
        "INTERNAL_ERROR": Kind(500, "The request could not be handled"),
        "BACKEND_UNAVAILABLE": Kind(503, "A server that is needed did not answer", retryable=True),
    }
)

_OF_THE_BODY = frozenset({400, 413, 422})


def problem(
    code: str,
    detail: str,
    *,
    request_id: str | None,
    pointer: str = "",
    headers: Mapping[str, str] | None = None,
) -> Response:
    """The answer for an error. `type` is a link into this project's docs/errors.md.

    Where the request's body is at fault, `pointer` (RFC 6901) says which value of it.
    """
    kind = KINDS[code]
    body: dict[str, Any] = {
        "type": f"/docs/errors#{code}",
        "title": kind.title,
        "status": kind.status,
        "detail": detail,
        "code": code,
        "errors": [{"pointer": pointer, "detail": detail}] if kind.status in _OF_THE_BODY else [],
        "retryable": kind.retryable,
        "request_id": request_id,
    }
    return Response(
        status=kind.status,
        body=msgspec.json.encode(body).decode(),
        headers={"Content-Type": "application/problem+json", **(headers or {})},
    )
