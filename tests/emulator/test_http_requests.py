"""HTTP requests, whole or in pieces, as callers and the runtime client write them."""

import itertools
from http import HTTPStatus

import pytest
from hypothesis import given
from hypothesis import strategies as st

from local.emulator.http_requests import LARGEST_HEAD, Refused, Request, RequestReader

ANSWER = (
    b"POST /2018-06-01/runtime/invocation/1/response HTTP/1.1\r\n"
    b"Host: 127.0.0.1:9001\r\nContent-Type: application/json\r\nContent-Length: 11\r\n\r\n"
    b'{"ok": "1"}'
)
CHUNKED = (
    b"PUT /x?a=%20b HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n"
    b'6\r\n{"ok":\r\n5\r\n "1"}\r\n0\r\n\r\n'
)
NEXT = b"GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nHost: 127.0.0.1:9001\r\n\r\n"


def read(*pieces: bytes, largest_body: int = 100) -> list[Request | Refused]:
    reader = RequestReader(largest_body=largest_body)
    return [each for piece in pieces for each in reader.feed(piece)]


def in_pieces(whole: bytes, cuts: list[int]) -> list[bytes]:
    return [whole[a:b] for a, b in itertools.pairwise([0, *sorted(cuts), len(whole)])]


@given(st.lists(st.integers(0, len(ANSWER)), max_size=6))
def test_a_request_is_the_same_in_any_pieces(cuts: list[int]) -> None:
    assert read(*in_pieces(ANSWER, cuts)) == [
        Request(
            method="POST",
            path="/2018-06-01/runtime/invocation/1/response",
            headers=[
                ("Host", "127.0.0.1:9001"),
                ("Content-Type", "application/json"),
                ("Content-Length", "11"),
            ],
            body=b'{"ok": "1"}',
            keep_alive=True,
        )
    ]


@given(st.lists(st.integers(0, len(CHUNKED)), max_size=6))
def test_a_body_in_chunks_is_put_together(cuts: list[int]) -> None:
    [request] = read(*in_pieces(CHUNKED, cuts))

    assert isinstance(request, Request)
    assert (request.method, request.path, request.body) == ("PUT", "/x?a=%20b", b'{"ok": "1"}')


def test_several_requests_may_come_in_one_piece() -> None:
    requests = read(NEXT + ANSWER + NEXT)

    assert [each.method for each in requests if isinstance(each, Request)] == ["GET", "POST", "GET"]


def test_a_body_above_the_limit_is_refused_before_it_came() -> None:
    head = ANSWER.removesuffix(b'{"ok": "1"}')

    assert read(head, largest_body=10) == [
        Refused(
            status=HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            detail="the body has 11 bytes; the limit is 10",
            keep_alive=True,
        )
    ]


@pytest.mark.parametrize("too_large", [ANSWER, CHUNKED])
@pytest.mark.parametrize("piece", [1, 7, 1000])
def test_what_follows_a_refused_body_is_read(too_large: bytes, piece: int) -> None:
    whole = too_large + NEXT

    refused, request = read(
        *(whole[start : start + piece] for start in range(0, len(whole), piece)), largest_body=10
    )

    assert isinstance(refused, Refused)
    assert isinstance(request, Request)
    assert request.method == "GET"


@pytest.mark.parametrize(
    "malformed",
    [b"hello\r\n\r\n", b"GET / HTTP/1.1\r\nContent-Length: many\r\n\r\n", b"\x16\x03\x01\x02\x00"],
)
def test_what_is_no_http_is_refused_once_and_for_all(malformed: bytes) -> None:
    [refused] = read(malformed)

    assert isinstance(refused, Refused)
    assert (refused.status, refused.keep_alive) == (HTTPStatus.BAD_REQUEST, False)
    assert refused.detail.startswith("this is not HTTP/1.1: ")


@pytest.mark.parametrize(
    "start", [b"GET /" + b"x" * LARGEST_HEAD, b"GET / HTTP/1.1\r\nA: " + b"x" * LARGEST_HEAD]
)
def test_a_head_without_end_is_refused(start: bytes) -> None:
    end = b" HTTP/1.1\r\n\r\n" if b"HTTP" not in start else b"\r\n\r\n"

    [refused] = read(start, end)

    assert isinstance(refused, Refused)
    assert refused.status is HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE
    assert not refused.keep_alive


def test_a_caller_that_waits_for_leave_to_send_a_body_gets_it_once() -> None:
    reader = RequestReader(largest_body=100)
    head = ANSWER.removesuffix(b'{"ok": "1"}').replace(b"Host", b"Expect: 100-continue\r\nHost")

    reader.feed(head)
    waits = [reader.is_to_say_continue(), reader.is_to_say_continue()]

    assert waits == [True, False]
    assert len(reader.feed(b'{"ok": "1"}')) == 1
    assert not reader.is_to_say_continue()


def test_nobody_is_asked_for_a_body_that_is_too_large() -> None:
    reader = RequestReader(largest_body=10)

    reader.feed(
        ANSWER.removesuffix(b'{"ok": "1"}').replace(b"Host", b"Expect: 100-continue\r\nHost")
    )

    assert not reader.is_to_say_continue()


def test_an_offer_of_another_protocol_is_passed_over() -> None:
    """As `curl --http2` makes it."""
    offer = NEXT.replace(b"Host", b"Connection: Upgrade\r\nUpgrade: h2c\r\nHost")

    requests = read(offer + ANSWER)

    assert [each.method for each in requests if isinstance(each, Request)] == ["GET", "POST"]


def test_a_caller_may_ask_for_the_end_of_the_connection() -> None:
    last, older = (
        read(NEXT.replace(b"Host", b"Connection: close\r\nHost")),
        read(NEXT.replace(b"HTTP/1.1", b"HTTP/1.0")),
    )

    assert [each.keep_alive for each in (*last, *older)] == [False, False]
