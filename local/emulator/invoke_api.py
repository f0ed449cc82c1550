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

from local.emulator.http_server import BodyRefused, LocalServer, QuietHandler
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


def invoke_server(port: int, functions: Functions) -> LocalServer:
    """The server, listening. Raises PortTaken."""

    class Handler(InvokeHandler):
        platform = functions

    return LocalServer(port, Handler)


class InvokeHandler(QuietHandler):
    platform: Functions

    def do_POST(self) -> None:  # noqa: N802 - http.server calls it so
        try:
            self._invoke()
        except InvocationRefused as refused:
            self._refuse(refused)
        except BodyRefused as refused:
            self._refuse(EventTooLarge(str(refused)))

    def _invoke(self) -> None:
        event = self.read_body(largest=LARGEST_SYNC_EVENT) or b"{}"
        name = function_name(self.path)
        kinds: dict[str, Callable[[str, bytes], None]] = {
            "RequestResponse": self._request_response,
            "Event": self._event,
            "DryRun": self._dry_run,
        }
        kind = self.headers.get("X-Amz-Invocation-Type", "RequestResponse")
        if kind not in kinds:
            raise UnknownInvocationType(f"X-Amz-Invocation-Type {kind!r}: want one of {[*kinds]}")
        kinds[kind](name, event)

    def _request_response(self, name: str, event: bytes) -> None:
        result = self.platform.invoke(name, event)
        failed = [("X-Amz-Function-Error", "Unhandled")] if result.error else []
        self.answer(HTTPStatus.OK, [JSON, VERSION, *failed], result.payload)

    def _event(self, name: str, event: bytes) -> None:
        self.platform.submit(name, event)
        self.answer(HTTPStatus.ACCEPTED, [JSON])

    def _dry_run(self, name: str, event: bytes) -> None:
        self.platform.check(name, event)
        self.answer(HTTPStatus.NO_CONTENT, [])

    def _refuse(self, refused: InvocationRefused) -> None:
        body = json.dumps({"Type": "User", "Message": str(refused)}).encode()
        self.answer(refused.status, [JSON, ("X-Amzn-ErrorType", refused.code)], body)


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
