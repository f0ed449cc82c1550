"""Function `schedule`: every bad body is a problem, and every failure of ours too."""

from typing import Any

import pytest

from dueline.domain.errors import InvalidRequest
from tests.functions.conftest import REQUEST_ID, Caller
from tests.functions.memory_services import PASSWORD, Failing, MemoryServices, down

GOOD = '{"type":"email","payload":{"subject":"Welcome Email"}}'

BAD_BODIES: list[tuple[Any, int, str]] = [
    (None, 400, "MALFORMED_JSON"),
    ("", 400, "MALFORMED_JSON"),
    ("{", 400, "MALFORMED_JSON"),
    ('{"type":"email","payload":NaN}', 400, "MALFORMED_JSON"),
    ('{"type":"email","payload":-Infinity}', 400, "MALFORMED_JSON"),
    (b'{"type":"email","payload":"\xff"}', 400, "MALFORMED_JSON"),
    ('{"type":"email","payload":"\ud800"}', 400, "MALFORMED_JSON"),
    ('{"type":"email","payload":"' + "x" * 262_144 + '"}', 413, "BODY_TOO_LARGE"),
    ('{"type":"email","payload":"\\u0000"}', 422, "UNSUPPORTED_JSON"),
    ('{"type":"email","payload":"\\ud800"}', 422, "UNSUPPORTED_JSON"),
    ('{"type":"\\ud800"}', 422, "UNSUPPORTED_JSON"),
    ('{"type":"email","payload":' + "9" * 5_000 + "}", 422, "UNSUPPORTED_JSON"),
    ('{"type":"email","delay":' + "9" * 5_000 + "}", 422, "UNSUPPORTED_JSON"),
    ('{"type":"email","payload":1e400}', 422, "UNSUPPORTED_JSON"),
    ('{"type":"email","delay":1e400}', 422, "UNSUPPORTED_JSON"),
    ('{"type":"email","payload":' + "[" * 33 + "]" * 33 + "}", 422, "UNSUPPORTED_JSON"),
    ("[" * 100_000, 422, "UNSUPPORTED_JSON"),
    ('{"a":' * 40_000, 422, "UNSUPPORTED_JSON"),
    ('{"type":"email","type":"report"}', 422, "UNSUPPORTED_JSON"),
    ("[]", 422, "INVALID_FIELD"),
    ("null", 422, "INVALID_FIELD"),
    ('{"payload":{}}', 422, "INVALID_FIELD"),
    ('{"type":"email","colour":"red"}', 422, "INVALID_FIELD"),
    ('{"type":"email","payload":{},"execute_at":5}', 422, "INVALID_FIELD"),
    ('{"type":"email","retry":{"max_attempts":0}}', 422, "INVALID_FIELD"),
    (
        '{"type":"email","delay":1,"execute_at":"2026-06-01T12:00:10Z"}',
        422,
        "CONFLICTING_FIELDS",
    ),
    ('{"type":"email","execute_at":"2026-06-01T12:00:10"}', 422, "INVALID_TIME"),
    ('{"type":"email","execute_at":"10000-01-01T00:00:00Z"}', 422, "INVALID_TIME"),
    ('{"type":"email","execute_at":"9999-12-31T23:59:59-01:00"}', 422, "INVALID_TIME"),
    ('{"type":"email","execute_at":"2016-12-31T23:59:60Z"}', 422, "INVALID_TIME"),
    ('{"type":"email","delay":-1}', 422, "INVALID_DURATION"),
    ('{"type":"email","delay":1e300}', 422, "INVALID_DURATION"),
    ('{"type":"email","delay":"P1M"}', 422, "INVALID_DURATION"),
    ('{"type":"emial"}', 422, "UNKNOWN_TYPE"),
    ('{"type":"email","queue":"mail"}', 422, "UNKNOWN_QUEUE"),
]


@pytest.mark.parametrize(("body", "status", "code"), BAD_BODIES, ids=lambda value: str(value)[:50])
def test_a_bad_body_is_a_problem_and_stores_nothing(
    caller: Caller, services: MemoryServices, body: Any, status: int, code: str
) -> None:
    answer = caller.schedule(body)

    assert answer.status == answer.body["status"] == status
    assert answer.body["code"] == code
    assert answer.headers["Content-Type"] == "application/problem+json"
    assert services.stored() == 0
    assert services.buffered() == []


def test_a_problem_says_what_where_and_for_which_request(caller: Caller) -> None:
    answer = caller.schedule('{"type":"email","execute_at":"2026-06-01T12:00:10"}')

    detail = "This time has no UTC offset; write 2026-01-01T09:00:00Z or +01:00 at its end."
    assert answer.body == {
        "type": "/docs/errors#INVALID_TIME",
        "title": "A time cannot be used",
        "status": 422,
        "detail": detail,
        "code": "INVALID_TIME",
        "errors": [{"pointer": "/execute_at", "detail": detail}],
        "retryable": False,
        "request_id": REQUEST_ID,
    }


def test_postgresql_down_is_503_without_a_word_about_where_it_is(
    caller: Caller, services: MemoryServices, caplog: pytest.LogCaptureFixture
) -> None:
    services.store = down("postgres")

    answer = caller.schedule(GOOD)

    assert (answer.status, answer.body["code"]) == (503, "BACKEND_UNAVAILABLE")
    assert answer.body["retryable"] is True
    assert answer.body["detail"].startswith("postgres did not answer")
    assert answer.headers["Retry-After"] == "1"
    assert PASSWORD not in answer.text
    assert "internal" not in answer.text
    assert services.buffered() == []
    assert "backend_unavailable" in [vars(record).get("event") for record in caplog.records]


def test_redis_down_never_fails_a_request(
    caller: Caller, services: MemoryServices, caplog: pytest.LogCaptureFixture
) -> None:
    services.buffer = down("redis")

    answer = caller.schedule(GOOD)

    assert answer.status == 201
    assert services.stored() == 1
    assert len(caplog.records) == 1
    assert "Welcome Email" not in caplog.text


@pytest.mark.parametrize(
    "error", [KeyError("hunter2"), InvalidRequest("hunter2", code="NO_CODE_OF_OURS")]
)
def test_an_unexpected_error_is_logged_and_its_text_is_not_answered(
    caller: Caller, services: MemoryServices, caplog: pytest.LogCaptureFixture, error: Exception
) -> None:
    services.store = Failing(error)

    answer = caller.schedule(GOOD)

    assert (answer.status, answer.body["code"]) == (500, "INTERNAL_ERROR")
    assert answer.body["request_id"] == REQUEST_ID
    assert "hunter2" not in answer.text
    assert "Traceback" in caplog.text
