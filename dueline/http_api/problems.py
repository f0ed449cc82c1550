"""Every error that the API answers: RFC 9457 problem details with a stable code."""

from collections.abc import Mapping, Sequence
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
        "INVALID_IDEMPOTENCY_KEY": Kind(400, "An Idempotency-Key cannot be used"),
        "INVALID_PARAMETER": Kind(400, "A parameter of the query cannot be used"),
        "INVALID_PAGE_TOKEN": Kind(400, "A page token cannot be used"),
        "UNAUTHENTICATED": Kind(401, "Nobody knows who asks"),
        "FORBIDDEN": Kind(403, "The caller may not do this"),
        "NOT_FOUND": Kind(404, "There is nothing at this path"),
        "TASK_NOT_FOUND": Kind(404, "There is no such task"),
        "SCHEDULE_NOT_FOUND": Kind(404, "There is no such schedule"),
        "METHOD_NOT_ALLOWED": Kind(405, "This path has no such method"),
        "IDEMPOTENCY_IN_FLIGHT": Kind(409, "A request with this key is at work", retryable=True),
        "DEDUPE_CONFLICT": Kind(409, "Another task has this dedupe key"),
        "TASK_CONFLICT": Kind(409, "The task's status does not allow this"),
        "TASK_CHANGED": Kind(409, "The task changed meanwhile", retryable=True),
        "SCHEDULE_EXISTS": Kind(409, "Another schedule has this name"),
        "SCHEDULE_CHANGED": Kind(409, "The schedule changed meanwhile", retryable=True),
        "OCCURRENCE_CONFLICT": Kind(409, "The occurrence is past this"),
        "PRECONDITION_FAILED": Kind(412, "It is no longer what was seen"),
        "BODY_TOO_LARGE": Kind(413, "The body is too large"),
        "UNSUPPORTED_JSON": Kind(422, "JSON that cannot be kept as it is"),
        "IDEMPOTENCY_KEY_REUSED": Kind(422, "The key was used for another request"),
        "BATCH_REFUSED": Kind(422, "Tasks of the batch cannot be accepted; none was stored"),
        "INVALID_FIELD": Kind(422, "A field is unknown, missing or of the wrong kind"),
        "CONFLICTING_FIELDS": Kind(422, "Two fields exclude each other"),
        "INVALID_TIME": Kind(422, "A time cannot be used"),
        "INVALID_DURATION": Kind(422, "A length of time cannot be used"),
        "NOT_AN_OCCURRENCE": Kind(422, "The schedule does not run at this time"),
        "RANGE_TOO_LARGE": Kind(422, "The range holds too much for one request"),
        "INVALID_RECURRENCE": Kind(422, "A rule of recurrence cannot be used"),
        "UNKNOWN_TYPE": Kind(422, "No handler for this task type"),
        "UNKNOWN_QUEUE": Kind(422, "There is no such queue"),
        "RATE_LIMITED": Kind(429, "Too many requests", retryable=True),
        "QUOTA_EXCEEDED": Kind(429, "Too many tasks wait", retryable=True),
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
    errors: Sequence[Mapping[str, Any]] = (),
    headers: Mapping[str, str] | None = None,
) -> Response:
    """The answer for an error. `type` is a link into this project's docs/errors.md.

    Where the request's body is at fault, `pointer` (RFC 6901) says which value of it, or `errors`
    say which several.
    """
    kind = KINDS[code]
    if not errors and kind.status in _OF_THE_BODY:
        errors = [{"pointer": pointer, "detail": detail}]
    body: dict[str, Any] = {
        "type": f"/docs/errors#{code}",
        "title": kind.title,
        "status": kind.status,
        "detail": detail,
        "code": code,
        "errors": errors,
        "retryable": kind.retryable,
        "request_id": request_id,
    }
    return Response(
        status=kind.status,
        body=msgspec.json.encode(body).decode(),
        headers={"Content-Type": "application/problem+json", **(headers or {})},
    )
