"""The body of POST /schedule, read strictly."""

import json
from typing import Any

import pytest

from dueline.domain.errors import InvalidRequest
from dueline.domain.retry import Backoff
from dueline.http_api.requests import RetryBody, ScheduleBody, decode_schedule


def body(**fields: Any) -> bytes:
    return json.dumps({"type": "email", **fields}).encode()


def refusal(of: bytes) -> InvalidRequest:
    with pytest.raises(InvalidRequest) as caught:
        decode_schedule(of)
    return caught.value


def test_a_type_alone_is_enough() -> None:
    read = decode_schedule(b'{"type":"email"}')

    assert read == ScheduleBody(type="email")
    assert bytes(read.payload) == b"{}"


def test_the_payload_stays_as_it_was_written() -> None:
    text = b'{"b": 1.10, "a" : [ 12345678901234567890123456789012 ], "\\u00e9":null}'

    read = decode_schedule(b'{"type":"email","payload": ' + text + b' ,"delay":1}')

    assert bytes(read.payload) == text


@pytest.mark.parametrize("text", ["null", "0", '"text"', "[]", "true"])
def test_a_payload_may_be_any_json_value(text: str) -> None:
    read = decode_schedule(f'{{"type":"email","payload":{text}}}'.encode())

    assert bytes(read.payload) == text.encode()


def test_null_means_absent() -> None:
    nulls = body(execute_at=None, delay=None, queue=None, retry=None, timeout=None, expires_at=None)

    assert decode_schedule(nulls) == ScheduleBody(type="email")


def test_a_retry_policy_keeps_apart_what_was_given_and_what_was_not() -> None:
    read = decode_schedule(body(retry={"max_attempts": 3, "backoff": "linear", "base": "PT1S"}))

    assert read.retry == RetryBody(max_attempts=3, backoff=Backoff.LINEAR, base="PT1S")


@pytest.mark.parametrize(
    ("sent", "pointer", "reason"),
    [
        (b"[]", "", "expected object, got array"),
        (b"null", "", "expected object, got null"),
        (b'"text"', "", "expected object, got str"),
        (b"17", "", "expected object"),
        (b"{}", "/type", "/type is missing"),
        (b'{"type":1}', "/type", "expected str, got int"),
        (b'{"type":null}', "/type", "expected str, got null"),
        (body(execute_at=1767225600), "/execute_at", "got int"),
        (body(delay=True), "/delay", "got bool"),
        (body(delay=[1]), "/delay", "got array"),
        (body(queue=1), "/queue", "got int"),
        (body(timeout={}), "/timeout", "got object"),
        (body(expires_at=0), "/expires_at", "got int"),
        (body(retry=3), "/retry", "got int"),
        (body(retry={"max_attempts": 0}), "/retry/max_attempts", ">= 1"),
        (body(retry={"max_attempts": 101}), "/retry/max_attempts", "<= 100"),
        (body(retry={"max_attempts": 10**20}), "/retry/max_attempts", "<= 100"),
        (body(retry={"max_attempts": 1.5}), "/retry/max_attempts", "got float"),
        (body(retry={"max_attempts": "3"}), "/retry/max_attempts", "got str"),
        (body(retry={"max_attempts": None}), "/retry/max_attempts", "got null"),
        (body(retry={"jitter": 1}), "/retry/jitter", "got int"),
        (body(retry={"backoff": "slow"}), "/retry/backoff", "want exponential, linear, fixed"),
        (body(retry={"backoff": 1}), "/retry/backoff", "got int"),
        (body(retry={"base": False}), "/retry/base", "got bool"),
    ],
)
def test_a_field_of_the_wrong_kind_is_named(sent: bytes, pointer: str, reason: str) -> None:
    error = refusal(sent)

    assert (error.code, error.pointer) == ("INVALID_FIELD", pointer)
    assert reason in error.detail


def test_an_unknown_field_is_named_with_the_nearest_known_one() -> None:
    error = refusal(body(execute_att="2026-01-01T09:00:00Z"))

    assert (error.code, error.pointer) == ("INVALID_FIELD", "/execute_att")
    assert error.detail.startswith('"execute_att" is no field here; did you mean "execute_at"?')


def test_an_unknown_field_of_retry_is_told_the_fields_of_retry() -> None:
    error = refusal(body(retry={"tries": 3}))

    assert error.pointer == "/retry/tries"
    assert "max_attempts, backoff, base, cap, max_age, jitter" in error.detail


@pytest.mark.parametrize(
    "name", ["", "a/b", "x` - at `$.bogus", "x` - at `$", "`", "n" * 10_000, "a\nb", "é", "$.type"]
)
def test_an_unknown_field_may_have_any_name(name: str) -> None:
    error = refusal(body(**{name: 1}))

    assert error.code == "INVALID_FIELD"
    assert len(error.detail) < 600


def test_a_field_named_twice_is_refused_though_the_decoder_would_take_the_last() -> None:
    error = refusal(b'{"type":"email","delay":1,"delay":2}')

    assert error.code == "UNSUPPORTED_JSON"
    assert '"delay" occurs twice' in error.detail
