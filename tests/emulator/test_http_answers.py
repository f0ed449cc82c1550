"""HTTP answers as bytes."""

from local.emulator.http_answers import Answer, written

ANSWER = Answer(status=200, headers=[("Content-Type", "application/json"), ("A", "1")], body=b"{}")
HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nA: 1\r\nContent-Length: 2\r\n\r\n"


def test_an_answer_is_its_head_and_its_body() -> None:
    assert written(ANSWER) == HEAD + b"{}"


def test_a_head_request_gets_the_head_alone() -> None:
    assert written(ANSWER, to="HEAD") == HEAD


def test_the_last_answer_says_that_it_is() -> None:
    assert b"\r\nConnection: close\r\n\r\n{}" in written(ANSWER, last=True)


def test_a_status_of_the_functions_own_has_no_phrase() -> None:
    assert written(Answer(status=299, headers=[])).startswith(b"HTTP/1.1 299 \r\n")
