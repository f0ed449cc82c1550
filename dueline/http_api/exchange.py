"""One HTTP exchange, as the views see it."""

import base64
from collections.abc import Mapping
from typing import Any

import msgspec

from dueline.domain.callers import Caller
from dueline.domain.errors import InvalidRequest
from dueline.domain.tasks import Task


class Request(msgspec.Struct, frozen=True, kw_only=True):
    """What a view may read of a request."""

    method: str
    resource: str  # the path as the route table writes it: /tasks/{task_id}
    base_path: str  # what a gateway puts in front of it: "" or "/stage"
    path_parameters: Mapping[str, str]
    headers: Mapping[str, str]  # names in lower case
    request_id: str | None  # the gateway's, to find the request in its logs and ours
    sent: str | bytes  # the body as the gateway hands it over
    sent_as_base64: bool
    query: Mapping[str, str] = {}  # a parameter twice: its last value
    identity: Mapping[str, Any] = {}  # whom API Gateway says it is from
    caller: Caller = Caller()
    # Where there is one, a view may leave a single new task here instead of accepting it: whoever
    # asked does so before it gives the answer (together.py).
    left: list[Task] | None = None

    @property
    def body(self) -> bytes:
        """The bytes that the caller sent. Raises InvalidRequest."""
        if isinstance(self.sent, bytes):
            return self.sent
        if not self.sent_as_base64:
            # surrogatepass: what is no UTF-8 is refused, with a reason, where it is decoded.
            return self.sent.encode("utf-8", "surrogatepass")
        try:
            return base64.b64decode(self.sent)
        except ValueError as error:
            raise InvalidRequest(
                f"The body came as base64 and is not: {error}.", code="MALFORMED_JSON"
            ) from error


class Response(msgspec.Struct, frozen=True, kw_only=True):
    """What a view answers."""

    status: int
    body: str = ""
    headers: Mapping[str, str] = {}


def read_request(event: Mapping[str, Any]) -> Request:
    """Read API Gateway's REST proxy event (payload format 1.0). What it lacks is left empty."""
    context = event.get("requestContext") or {}
    resource = context.get("resourcePath") or ""
    return Request(
        method=context.get("httpMethod") or "",
        resource=resource,
        base_path=_before(resource, context.get("path") or ""),
        path_parameters=event.get("pathParameters") or {},
        headers={name.lower(): value for name, value in (event.get("headers") or {}).items()},
        request_id=context.get("requestId"),
        sent=event.get("body") or "",
        sent_as_base64=bool(event.get("isBase64Encoded")),
        query=event.get("queryStringParameters") or {},
        identity=context.get("identity") or {},
    )


def _before(resource: str, path: str) -> str:
    """What stands in the path in front of the resource, which has as many segments there."""
    return "/".join(path.split("/")[: -resource.count("/")]) if resource else ""
