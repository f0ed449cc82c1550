"""The four functions of awslambdaric's compiled client, where no wheel has it (macOS).

awslambdaric imports this module by its name and is otherwise untouched, so events, context,
errors and logs are the genuine ones. Only the HTTP is ours.
"""

import os
from http.client import HTTPConnection, HTTPResponse

INVOCATIONS = "/2018-06-01/runtime/invocation"
EVENT_HEADERS = (
    "Lambda-Runtime-Aws-Request-Id",
    "Lambda-Runtime-Trace-Id",
    "Lambda-Runtime-Invoked-Function-Arn",
    "Lambda-Runtime-Client-Context",
    "Lambda-Runtime-Cognito-Identity",
    "Content-Type",
)

_connection = HTTPConnection(os.environ["AWS_LAMBDA_RUNTIME_API"])
_user_agent: dict[str, str] = {}


def initialize_client(user_agent: str) -> None:
    """Set what every call is signed with."""
    _user_agent["User-Agent"] = user_agent


def next() -> tuple[bytes, dict[str, object]]:  # noqa: A001 - awslambdaric calls it so
    """Wait for an event; its bytes, and what came with it."""
    response, body = _call("GET", f"{INVOCATIONS}/next", None, {})
    headers: dict[str, object] = {name: response.getheader(name) for name in EVENT_HEADERS}
    headers["Lambda-Runtime-Deadline-Ms"] = int(
        response.getheader("Lambda-Runtime-Deadline-Ms") or 0
    )
    return body, headers


def post_invocation_result(
    invoke_id: str, result: bytes, content_type: str, _invocation_id: str | None = None
) -> None:
    _call("POST", f"{INVOCATIONS}/{invoke_id}/response", result, {"Content-Type": content_type})


def post_error(
    invoke_id: str, error: str, xray_cause: str, _invocation_id: str | None = None
) -> None:
    headers = {
        "Content-Type": "application/json",
        "Lambda-Runtime-Function-XRay-Error-Cause": xray_cause,
    }
    _call("POST", f"{INVOCATIONS}/{invoke_id}/error", error.encode(), headers)


def _call(
    method: str, path: str, body: bytes | None, headers: dict[str, str]
) -> tuple[HTTPResponse, bytes]:
    _connection.request(method, path, body, headers | _user_agent)
    response = _connection.getresponse()
    answer = response.read()
    if response.status not in {200, 202}:
        raise RuntimeError(f"{method} {path} was answered {response.status}: {answer.decode()}")
    return response, answer
