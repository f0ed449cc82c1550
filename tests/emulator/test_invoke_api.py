"""The Invoke API, asked by the genuine boto3."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from local.emulator.environment import State
from local.emulator.http_server import PortTaken
from local.emulator.invocations import FunctionNotFound
from local.emulator.invoke_api import function_name
from local.emulator.platform import Platform
from tests.eventually import eventually

from .conftest import ECHO, Lines, RunFunction
from .pipes import Gate

HELD = f"import os\ndef app(event, context): {Gate.WAIT}"


def client(platform: Platform) -> Any:
    return boto3.client(
        "lambda",
        endpoint_url=platform.url,
        region_name="us-east-1",
        aws_access_key_id="local",
        aws_secret_access_key="local",
        config=Config(retries={"total_max_attempts": 1}),
    )


def test_an_answer_comes_back(run_function: RunFunction) -> None:
    platform = run_function(ECHO)

    answer = client(platform).invoke(FunctionName="f", Payload=b'{"a": 1}')

    assert answer["StatusCode"] == 200
    assert answer["ExecutedVersion"] == "$LATEST"
    assert "FunctionError" not in answer
    assert json.load(answer["Payload"]) == {"a": 1}


def test_an_error_is_marked_as_the_functions(run_function: RunFunction) -> None:
    platform = run_function("def app(event, context): raise ValueError('no')")

    answer = client(platform).invoke(FunctionName="f", Payload=b"{}")

    assert (answer["StatusCode"], answer["FunctionError"]) == (200, "Unhandled")
    assert json.load(answer["Payload"])["errorType"] == "ValueError"


def test_an_asynchronous_event_is_accepted_before_it_ran(
    run_function: RunFunction, gate: Gate
) -> None:
    platform = run_function(HELD, environment=gate.environment)

    answer = client(platform).invoke(FunctionName="f", InvocationType="Event", Payload=b"{}")
    gate.open()

    assert answer["StatusCode"] == 202
    eventually(lambda: [e.state for e in platform.environments()] == [State.IDLE])


def test_a_failed_asynchronous_event_is_logged_and_not_tried_again(
    run_function: RunFunction, lines: Lines
) -> None:
    platform = run_function("def app(event, context): raise ValueError('no')")

    platform.submit("f", b"{}")

    eventually(lambda: "ValueError: the event is not tried again" in lines.text())
    [status] = platform.environments()
    assert status.invocations == 1


def test_a_throttled_asynchronous_event_is_logged_and_dropped(
    run_function: RunFunction, lines: Lines, gate: Gate
) -> None:
    platform = run_function(HELD, environment=gate.environment)

    platform.submit("f", b"{}")
    gate.await_handler()
    platform.submit("f", b"{}")

    eventually(lambda: "TooManyRequestsException: event dropped" in lines.text())
    gate.open()


def test_a_dry_run_runs_nothing(run_function: RunFunction) -> None:
    platform = run_function(ECHO)

    answer = client(platform).invoke(FunctionName="f", InvocationType="DryRun", Payload=b"{}")

    assert answer["StatusCode"] == 204
    assert platform.environments() == []


def test_a_throttled_event_is_a_429(run_function: RunFunction, gate: Gate) -> None:
    platform = run_function(HELD, environment=gate.environment)

    with ThreadPoolExecutor() as threads:
        held = threads.submit(platform.invoke, "f", b"{}")
        gate.await_handler()
        with pytest.raises(ClientError) as refused:
            client(platform).invoke(FunctionName="f", Payload=b"{}")
        gate.open()

    assert held.result().error is None
    assert error_of(refused.value) == ("TooManyRequestsException", 429)


@pytest.mark.parametrize(
    ("call", "code", "status"),
    [
        ({"FunctionName": "g"}, "ResourceNotFoundException", 404),
        ({"FunctionName": "f", "Payload": b"x" * 6_300_000}, "RequestTooLargeException", 413),
        (
            {"FunctionName": "f", "Payload": b"x" * 1_100_000, "InvocationType": "Event"},
            "RequestTooLargeException",
            413,
        ),
        (
            {"FunctionName": "f", "InvocationType": "Later"},
            "InvalidParameterValueException",
            400,
        ),
    ],
)
def test_a_refusal_has_lambdas_name_and_status(
    run_function: RunFunction, call: dict[str, Any], code: str, status: int
) -> None:
    platform = run_function(ECHO)

    with pytest.raises(ClientError) as refused:
        client(platform).invoke(**call)

    assert error_of(refused.value) == (code, status)


def error_of(error: ClientError) -> tuple[str, int]:
    response: Any = error.response
    return response["Error"]["Code"], response["ResponseMetadata"]["HTTPStatusCode"]


@pytest.mark.parametrize(
    "function",
    [
        "tick",
        "tick:live",
        "arn:aws:lambda:us-east-1:000000000000:function:tick",
        "arn%3Aaws%3Alambda%3Aus-east-1%3A000000000000%3Afunction%3Atick%3Alive",
        "000000000000:function:tick",
    ],
)
def test_a_function_is_known_by_name_alias_and_arn(function: str) -> None:
    assert function_name(f"/2015-03-31/functions/{function}/invocations") == "tick"


def test_another_path_is_no_function() -> None:
    with pytest.raises(FunctionNotFound, match="/2015-03-31/functions/<name>/invocations"):
        function_name("/2015-03-31/functions/tick/configuration")


def test_a_taken_port_is_named(run_function: RunFunction) -> None:
    port = int(run_function(ECHO).url.rsplit(":", 1)[1])

    with pytest.raises(PortTaken, match=f"port {port} on 127.0.0.1 is taken") as taken:
        Platform([], log=Lines(), port=port)

    assert taken.value.port == port
