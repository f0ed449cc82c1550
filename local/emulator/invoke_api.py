"""Lambda's Invoke API for callers outside: `aws lambda invoke`, boto3, other functions.

The path, headers and statuses are those of the "Lambda API reference, Invoke". Requests are not
authenticated: the server is bound to 127.0.0.1.
"""

import json
import re
from collections.abc import Callable
from datetime import timedelta
from http import HTTPStatus
from typing import Protocol
from urllib.parse import unquote

from local.emulator.http_answers import Answer
from local.emulator.http_requests import Refused, Request
from local.emulator.http_server import Ends
from local.emulator.invocations import (
    LARGEST_SYNC_EVENT,
    EventTooLarge,
    FunctionNotFound,
    InvocationRefused,
    InvocationResult,
)

INVOCATIONS = re.compile(r"/2015-03-31/functions/(?P<function>[^/?]+)/invocations(\?.*)?")
JSON = ("Content-Type", "application/json")
VERSION = ("X-Amz-Executed-Version", "$LATEST")


class Functions(Protocol):
    """What the API offers to callers: the platform."""

    def invoke(
        self, name: str, event: bytes, *, wait: timedelta | None = None
    ) -> InvocationResult: ...

    def submit(self, name: str, event: bytes) -> None: ...

    def check(self, name: str, event: bytes) -> None: ...


class InvokeApi:
    """Answers callers by invoking `functions` (a Site of LocalServer)."""

    largest_body = LARGEST_SYNC_EVENT

    def __init__(self, functions: Functions) -> None:
        self._functions = functions

    def answer(self, request: Request, _ends: Ends) -> Answer:
        try:
            return self._invoked(request)
        except InvocationRefused as refused:
            return _refusal(refused)

    def refuse(self, refused: Refused) -> Answer:
        if refused.status is HTTPStatus.REQUEST_ENTITY_TOO_LARGE:
            return _refusal(EventTooLarge(refused.detail))
        return _refusal(MalformedRequest(refused.detail))

    def _invoked(self, request: Request) -> Answer:
        if request.method != "POST":
            raise MethodNotAllowed(f"{request.method}: want POST")
        event = request.body or b"{}"
        name = function_name(request.path)
        kinds: dict[str, Callable[[str, bytes], Answer]] = {
            "RequestResponse": self._request_response,
            "Event": self._event,
            "DryRun": self._dry_run,
        }
        headers = {name.lower(): value for name, value in request.headers}
        kind = headers.get("x-amz-invocation-type", "RequestResponse")
        if kind not in kinds:
            raise UnknownInvocationType(f"X-Amz-Invocation-Type {kind!r}: want one of {[*kinds]}")
        return kinds[kind](name, event)

    def _request_response(self, name: str, event: bytes) -> Answer:
        result = self._functions.invoke(name, event)
        failed = [("X-Amz-Function-Error", "Unhandled")] if result.error else []
        headers = [JSON, VERSION, *failed]
        return Answer(status=HTTPStatus.OK, headers=headers, body=result.payload)

    def _event(self, name: str, event: bytes) -> Answer:
        self._functions.submit(name, event)
        return Answer(status=HTTPStatus.ACCEPTED, headers=[JSON])

    def _dry_run(self, name: str, event: bytes) -> Answer:
        self._functions.check(name, event)
        return Answer(status=HTTPStatus.NO_CONTENT, headers=[])


def _refusal(refused: InvocationRefused) -> Answer:
    body = json.dumps({"Type": "User", "Message": str(refused)}).encode()
    headers = [JSON, ("X-Amzn-ErrorType", refused.code)]
    return Answer(status=refused.status, headers=headers, body=body)


class MalformedRequest(InvocationRefused):
    status = 400
    code = "InvalidRequestContentException"


class MethodNotAllowed(InvocationRefused):
    status = 405
    code = "MethodNotAllowedException"


class UnknownInvocationType(InvocationRefused):
    status = 400
    code = "InvalidParameterValueException"


def function_name(path: str) -> str:
    """The name in an Invoke path, where a name, name:qualifier or ARN may stand."""
    match = INVOCATIONS.fullmatch(path)
    if match is None:
        raise FunctionNotFound(f"{path}: want /2015-03-31/functions/<name>/invocations")
    parts = unquote(match["function"]).split(":")
    return parts[parts.index("function") + 1] if "function" in parts[:-1] else parts[0]
