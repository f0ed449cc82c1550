"""From a function's answer to an HTTP response, as an API Gateway proxy integration does. Pure.

"Output format of a Lambda function for proxy integration". What is malformed becomes 502; where
AWS answers {"message": "..."}, these are problem documents (RFC 9457).
"""

import base64
import binascii
import json
from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from local.emulator.http_answers import Answer
from local.emulator.invocations import TIMED_OUT, InvocationResult

Headers = list[tuple[str, str]]


def answer_of(result: InvocationResult) -> Answer:
    """The response that a proxy integration makes of an invocation."""
    if result.error == TIMED_OUT:
        return problem(HTTPStatus.GATEWAY_TIMEOUT, "The function did not answer in time.")
    if result.error is not None:
        return problem(
            HTTPStatus.BAD_GATEWAY, f"The function failed with {result.error}; its log says more."
        )
    try:
        return _proxied(json.loads(result.payload))
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        return problem(
            HTTPStatus.BAD_GATEWAY,
            f"The function's answer is not a proxy response: {type(error).__name__}: {error}",
        )


def problem(
    status: HTTPStatus, detail: str, *, headers: Headers | None = None, **members: object
) -> Answer:
    """A problem document; `members` are its own extra fields."""
    document = {"title": status.phrase, "status": status.value, "detail": detail, **members}
    return Answer(
        status=status,
        headers=[("Content-Type", "application/problem+json"), *(headers or [])],
        body=json.dumps(document).encode(),
    )


def _proxied(answer: Mapping[str, Any]) -> Answer:
    text = answer.get("body") or ""
    body = _decoded(text) if answer.get("isBase64Encoded") else text.encode()
    headers = _merged(answer.get("headers") or {}, answer.get("multiValueHeaders") or {})
    if not any(name.lower() == "content-type" for name, _ in headers):
        headers.append(("Content-Type", "application/json"))  # API Gateway's default
    return Answer(status=int(answer["statusCode"]), headers=headers, body=body)


def _merged(single: Mapping[str, object], multi: Mapping[str, list[object]]) -> Headers:
    """Both forms of headers; a name that is in both is taken from the multi-value form."""
    several = {name.lower() for name in multi}
    merged = [(name, str(value)) for name, value in single.items() if name.lower() not in several]
    merged += [(name, str(value)) for name, values in multi.items() for value in values]
    return [(name, value) for name, value in merged if name.lower() != "content-length"]


def _decoded(text: str) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError(f"isBase64Encoded is true, but the body is not base64 ({error})") from None
