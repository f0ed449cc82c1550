"""HTTP as the runtime client writes it, whole or in pieces."""

import itertools
from http import HTTPStatus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.emulator.wire import BodyTooLarge, Request, response, take_request

ANSWER = (
    b"POST /2018-06-01/runtime/invocation/1/response HTTP/1.1\r\n"
    b"Host: 127.0.0.1:9001\r\nContent-Type: application/json\r\nContent-Length: 11\r\n\r\n"
    b'{"ok": "1"}'
)
NEXT = b"GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: 127.0.0.1:9001\r\n\r\n"


@given(st.lists(st.integers(0, len(ANSWER)), max_size=6))
def test_a_request_is_the_same_in_any_pieces(cuts: list[int]) -> None:
    received = bytearray()
    requests: list[Request] = []
    edges = [0, *sorted(cuts), len(ANSWER)]

    for start, end in itertools.pairwise(edges):
        received += ANSWER[start:end]
        request = take_request(received, largest_body=100)
        requests += [request] if request else []

    [request] = requests
    assert (request.method, request.body) == ("POST", b'{"ok": "1"}')
    assert request.path == "/2018-06-01/runtime/invocation/1/response"
    assert request.headers["content-type"] == "application/json"
    assert received == b""


def test_what_follows_a_request_stays() -> None:
    received = bytearray(NEXT + ANSWER)

    first = take_request(received, largest_body=100)

    assert first is not None
    assert (first.method, first.body) == ("GET", b"")
    assert received == ANSWER


def test_a_body_above_the_limit_is_refused_before_it_came() -> None:
    head = bytearray(ANSWER.split(b"\r\n\r\n")[0] + b"\r\n\r\n")

    with pytest.raises(BodyTooLarge, match="11 bytes, above the limit of 10"):
        take_request(head, largest_body=10)


def test_a_response_has_the_one_content_type_that_the_client_bears() -> None:
    written = response(HTTPStatus.OK, {"Lambda-Runtime-Aws-Request-Id": "7"}, b"{}")

    assert written == (
        b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 2\r\n"
        b"Lambda-Runtime-Aws-Request-Id: 7\r\n\r\n{}"
    )
