"""What a runtime client says to its Runtime API, and what it is answered, in order.

next -> (event) -> response | error -> next -> ..., or one init error instead of the first next.
Paths, headers and statuses are those of AWS's "Using the Lambda runtime API".
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus

from local.emulator.runtime_api import Call, RuntimeApi

RUNTIME = "/2018-06-01/runtime"
NEXT = f"{RUNTIME}/invocation/next"
INIT_ERROR = f"{RUNTIME}/init/error"
ANSWER = re.compile(rf"{RUNTIME}/invocation/(?P<request_id>[^/]+)/(?P<kind>response|error)")
ACCEPTED = b'{"status":"OK"}'


class TimedOut(Exception):
    """The client did not say what was waited for in time."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What became of an event: a JSON payload, and the errorType if it is an error."""

    payload: bytes
    error: str | None = None


class Conversation:
    """With one client. ProcessEnded and CallRefused of the RuntimeApi pass through."""

    def __init__(self, api: RuntimeApi) -> None:
        self._api = api
        self._next: Call | None = None  # asked for and not answered yet
        self._request_id = ""

    def await_next(self, deadline: float) -> Answer | None:
        """Until the client asks for an event; its error, if it says that it could not start."""
        if self._next is not None:
            return None
        call = self._call(deadline)
        if call.request.path == INIT_ERROR:
            call.answer(HTTPStatus.ACCEPTED, ACCEPTED)
            return _error(call.request.body)
        if call.request.path != NEXT:
            raise _out_of_order(call)
        self._next = call
        return None

    def deliver(self, event: bytes, *, request_id: str, headers: Mapping[str, str]) -> None:
        """Give the waiting client its event."""
        if self._next is None:
            raise RuntimeError("an event can only be given to a client that asked for one")
        call, self._next = self._next, None
        self._request_id = request_id
        call.answer(HTTPStatus.OK, event, {"Lambda-Runtime-Aws-Request-Id": request_id, **headers})

    def await_answer(self, deadline: float) -> Answer:
        """What the handler made of the event that was delivered last."""
        call = self._call(deadline)
        answer = ANSWER.fullmatch(call.request.path)
        if answer is None or answer["request_id"] != self._request_id:
            raise _out_of_order(call)
        call.answer(HTTPStatus.ACCEPTED, ACCEPTED)
        if answer["kind"] == "error":
            return _error(call.request.body)
        return Answer(payload=call.request.body)

    def _call(self, deadline: float) -> Call:
        call = self._api.next_call(deadline)
        if call is None:
            raise TimedOut
        return call


def _out_of_order(call: Call) -> RuntimeError:
    return RuntimeError(f"the runtime client called {call.request.path} out of order")


def _error(body: bytes) -> Answer:
    return Answer(payload=body, error=str(json.loads(body).get("errorType") or "Unhandled"))
