"""What an invocation can end in: a result, or a refusal before any code ran."""

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

# Both limits are Lambda's ("Lambda quotas", invocation payload).
LARGEST_SYNC_EVENT = 6 * 1024 * 1024
LARGEST_ASYNC_EVENT = 1024 * 1024
LARGEST_RESPONSE = 6 * 1024 * 1024 + 100  # the slack that Lambda's own error message names

# Error types that the platform reports for a function that could not report for itself.
TIMED_OUT = "Sandbox.Timedout"
PROCESS_ENDED = "Runtime.ExitError"
RESPONSE_TOO_LARGE = "Function.ResponseSizeTooLarge"


@dataclass(frozen=True, slots=True, kw_only=True)
class InvocationResult:
    """The answer of a function that ran.

    `payload` is the JSON that the handler returned, or Lambda's error object. `error` is its
    errorType (`ValueError`, `Sandbox.Timedout`, ...), None after a success. `duration` starts
    when the environment received the event, so a cold start is not in it.
    """

    payload: bytes
    error: str | None
    duration: timedelta
    cold_start: bool


class InvocationRefused(Exception):
    """The event was not accepted. Each kind has the status and name that Lambda's API gives it."""

    status: ClassVar[int]
    code: ClassVar[str]


class FunctionNotFound(InvocationRefused):
    status = 404
    code = "ResourceNotFoundException"


class TooManyRequests(InvocationRefused):
    """Every environment that the function's concurrency allows is busy."""

    status = 429
    code = "TooManyRequestsException"


class EventTooLarge(InvocationRefused):
    status = 413
    code = "RequestTooLargeException"


class PlatformStopped(InvocationRefused):
    """The platform is going down, or not up."""

    status = 503
    code = "ServiceException"


def error_payload(error_type: str, message: str) -> bytes:
    """Lambda's error object, as the platform itself writes it."""
    return json.dumps({"errorMessage": message, "errorType": error_type}).encode()
