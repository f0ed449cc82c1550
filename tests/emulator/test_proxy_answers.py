"""What a proxy integration makes of a function's answer."""

import base64
import json
from datetime import timedelta
from typing import Any

import pytest

from local.emulator.invocations import InvocationResult
from local.triggers.proxy_answers import answer_of


def result(payload: Any, *, error: str | None = None) -> InvocationResult:
    return InvocationResult(
        payload=json.dumps(payload).encode(),
        error=error,
        duration=timedelta(0),
        cold_start=False,
    )


def test_status_headers_and_body_are_the_functions() -> None:
    answer = answer_of(
        result(
            {
                "statusCode": 201,
                "headers": {"Location": "/tasks/7", "Content-Type": "text/plain"},
                "body": "grün",
            }
        )
    )

    assert (answer.status, answer.body) == (201, "grün".encode())
    assert answer.headers == [("Location", "/tasks/7"), ("Content-Type", "text/plain")]


def test_a_header_may_have_several_values() -> None:
    answer = answer_of(
        result(
            {
                "statusCode": 200,
                "headers": {"set-cookie": "lost", "X-One": "1"},
                "multiValueHeaders": {"Set-Cookie": ["a=1", "b=2"]},
            }
        )
    )

    assert answer.headers == [
        ("X-One", "1"),
        ("Set-Cookie", "a=1"),
        ("Set-Cookie", "b=2"),
        ("Content-Type", "application/json"),
    ]


def test_a_binary_body_is_decoded() -> None:
    body = base64.b64encode(b"\x00\xff").decode()

    answer = answer_of(result({"statusCode": 200, "body": body, "isBase64Encoded": True}))

    assert answer.body == b"\x00\xff"


def test_a_missing_body_is_empty() -> None:
    assert answer_of(result({"statusCode": 204, "body": None})).body == b""


@pytest.mark.parametrize(
    "payload",
    [
        None,
        "ok",
        [],
        {"status": 200},
        {"statusCode": "soon"},
        {"statusCode": 200, "body": {"not": "text"}},
        {"statusCode": 200, "body": "*", "isBase64Encoded": True},
        {"statusCode": 200, "headers": "none"},
    ],
)
def test_a_malformed_answer_is_a_502(payload: Any) -> None:
    answer = answer_of(result(payload))

    assert answer.status == 502
    assert answer.headers == [("Content-Type", "application/problem+json")]
    assert "not a proxy response" in json.loads(answer.body)["detail"]


def test_a_failed_function_is_a_502_that_names_the_error() -> None:
    answer = answer_of(result({"errorMessage": "secret"}, error="ValueError"))

    assert answer.status == 502
    assert json.loads(answer.body) == {
        "title": "Bad Gateway",
        "status": 502,
        "detail": "The function failed with ValueError; its log says more.",
    }


def test_a_function_that_timed_out_is_a_504() -> None:
    assert answer_of(result({}, error="Sandbox.Timedout")).status == 504
