"""From an HTTP response to a value or an error."""

from collections.abc import Container
from typing import Any

import msgspec
import urllib3

from dueline.client.errors import ApiError, Unreachable
from dueline.http_api.bodies import Problem


def read_answer(
    response: urllib3.BaseHTTPResponse, answer: Any, *, also: Container[int] = ()
) -> Any:
    """The body as `answer`. Raises ApiError for 300 and above, but for the statuses in `also`;
    Unreachable for a body that cannot be read."""
    if response.status >= 300 and response.status not in also:
        raise _error(response)
    if response.status == 204:
        return None
    try:
        return msgspec.json.decode(response.data, type=answer)
    except msgspec.DecodeError as error:
        raise Unreachable(f"The answer cannot be read: {error}") from error


def _error(response: urllib3.BaseHTTPResponse) -> ApiError:
    retry_after = response.headers.get("Retry-After", "")
    try:
        problem = msgspec.json.decode(response.data, type=Problem)
    except msgspec.DecodeError:  # not dueline's: a gateway's {"message": …}, a proxy's page
        return ApiError(
            status=response.status,
            code="",
            detail=f"HTTP {response.status}: {response.data[:200].decode(errors='replace')}",
            retryable=response.status >= 500,
            retry_after=_seconds(retry_after),
            body=response.data,
        )
    return ApiError(
        status=response.status,
        code=problem.code,
        detail=problem.detail,
        errors=problem.errors,
        retryable=problem.retryable,
        request_id=problem.request_id,
        retry_after=_seconds(retry_after),
        body=response.data,
    )


def _seconds(retry_after: str) -> float:
    """Retry-After in its form of seconds (RFC 9110 §10.2.3), the one that dueline writes."""
    return float(retry_after) if retry_after.isdecimal() else 0.0
