"""Requests over a real connection, to a function under the genuine runtime client."""

import json
import socket
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from datetime import timedelta
from http.client import HTTPConnection
from typing import Any

import pytest

from local.emulator.http_server import PortTaken
from local.emulator.invocations import TooManyRequests
from local.triggers.http import HttpTrigger
from local.triggers.invoker import Invoker

from .conftest import RunFunction
from .pipes import Gate
from .recording import RecordingInvoker

ROUTES = [
    ("POST", "/schedule"),
    ("OPTIONS", "/schedule"),
    ("GET", "/tasks/{id}"),
    ("HEAD", "/tasks/{id}"),
]
ECHO_EVENT = """
import json
def app(event, context):
    return {"statusCode": 201, "headers": {"X-Mine": "1"}, "body": json.dumps(event)}
"""

Connect = Callable[[Invoker], HTTPConnection]
Answer = tuple[int, dict[str, str], bytes]


@pytest.fixture
def connect() -> Iterator[Connect]:
    with ExitStack() as running:

        def start(platform: Invoker) -> HTTPConnection:
            trigger = HttpTrigger(platform, "f", ROUTES, port=0)
            trigger.start()
            running.callback(trigger.stop)
            connection = HTTPConnection(trigger.url.removeprefix("http://"), timeout=30)
            running.callback(connection.close)
            return connection

        yield start


def ask(
    connection: HTTPConnection,
    method: str,
    path: str,
    body: bytes | None = None,
    headers: dict[str, str] | None = None,
) -> Answer:
    connection.request(method, path, body, headers or {})
    response = connection.getresponse()
    return response.status, dict(response.getheaders()), response.read()


def test_a_request_reaches_the_function_and_its_answer_the_caller(
    run_function: RunFunction, connect: Connect
) -> None:
    connection = connect(run_function(ECHO_EVENT))

    status, headers, body = ask(
        connection, "POST", "/schedule?a=1&a=2&b=%C3%A4", b'{"type": "email"}', {"X-Tag": "7"}
    )

    event = json.loads(body)
    assert (status, headers["X-Mine"], headers["Content-Type"]) == (201, "1", "application/json")
    assert (event["resource"], event["httpMethod"]) == ("/schedule", "POST")
    assert event["body"] == '{"type": "email"}'
    assert event["headers"]["X-Tag"] == "7"
    assert event["multiValueQueryStringParameters"] == {"a": ["1", "2"], "b": ["ä"]}
    assert event["requestContext"]["identity"]["sourceIp"] == "127.0.0.1"
    assert event["requestContext"]["requestId"] == headers["X-Amzn-RequestId"]
    assert event["headers"]["X-Forwarded-Proto"] == "http"


def test_path_parameters_come_by_their_names(run_function: RunFunction, connect: Connect) -> None:
    connection = connect(run_function(ECHO_EVENT))

    _, _, body = ask(connection, "GET", "/tasks/a%2Fb")

    event = json.loads(body)
    assert event["pathParameters"] == {"id": "a%2Fb"}
    assert (event["path"], event["resource"]) == ("/tasks/a%2Fb", "/tasks/{id}")


def test_requests_share_a_connection(connect: Connect) -> None:
    invoker = RecordingInvoker()
    connection = connect(invoker)
    connection.connect()
    ours = connection.sock

    for _ in range(3):
        ask(connection, "POST", "/schedule", b"{}")

    assert len(invoker.events) == 3
    assert connection.sock is ours


def test_a_head_request_gets_no_body(run_function: RunFunction, connect: Connect) -> None:
    connection = connect(run_function(ECHO_EVENT))

    status, headers, body = ask(connection, "HEAD", "/tasks/7")
    again, _, _ = ask(connection, "GET", "/tasks/7")

    assert (status, body, again) == (201, b"", 201)
    assert int(headers["Content-Length"]) > 0


def test_options_is_the_functions_to_answer(connect: Connect) -> None:
    invoker = RecordingInvoker()

    ask(connect(invoker), "OPTIONS", "/schedule")

    assert invoker.events[0]["httpMethod"] == "OPTIONS"


def test_an_unknown_path_is_a_404_that_lists_the_known_ones(connect: Connect) -> None:
    invoker = RecordingInvoker()
    connection = connect(invoker)

    status, headers, body = ask(connection, "POST", "/shedule", b'{"unread": true}')
    known, _, _ = ask(connection, "POST", "/schedule")

    assert (status, headers["Content-Type"]) == (404, "application/problem+json")
    assert json.loads(body)["known_paths"] == ["/schedule", "/tasks/{id}"]
    assert known == 502
    assert len(invoker.events) == 1


def test_a_wrong_method_is_a_405_that_names_the_right_ones(connect: Connect) -> None:
    status, headers, _ = ask(connect(RecordingInvoker()), "DELETE", "/schedule")

    assert (status, headers["Allow"]) == (405, "OPTIONS, POST")


def test_a_body_above_ten_megabytes_is_a_413(connect: Connect) -> None:
    invoker = RecordingInvoker()
    connection = connect(invoker)

    status, _, body = ask(connection, "POST", "/schedule", b"x" * (10 * 1024 * 1024 + 1))
    ask(connection, "POST", "/schedule", b"small")

    assert status == 413
    assert "the limit is 10485760" in json.loads(body)["detail"]
    assert [event["body"] for event in invoker.events] == ["small"]


def test_a_body_above_the_functions_limit_is_a_413(
    run_function: RunFunction, connect: Connect
) -> None:
    connection = connect(run_function(ECHO_EVENT))

    status, _, _ = ask(connection, "POST", "/schedule", b"x" * 7_000_000)

    assert status == 413


def test_a_body_in_chunks_reaches_the_function(connect: Connect) -> None:
    invoker = RecordingInvoker()
    connection = connect(invoker)

    connection.request("POST", "/schedule", iter([b'{"a"', b": 1}"]), encode_chunked=True)
    connection.getresponse().read()

    assert [event["body"] for event in invoker.events] == ['{"a": 1}']


def test_what_is_no_http_is_a_400_and_the_end(connect: Connect) -> None:
    refused, answered, _ = ask(
        connect(RecordingInvoker()), "POST", "/schedule", headers={"Content-Length": "many"}
    )

    assert (refused, answered["Connection"]) == (400, "close")


def test_a_caller_that_waits_for_leave_to_send_a_body_gets_it(connect: Connect) -> None:
    invoker = RecordingInvoker()
    connection = connect(invoker)
    head = b"POST /schedule HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n"

    with socket.create_connection((connection.host, connection.port), timeout=30) as careful:
        careful.sendall(head)
        leave = careful.recv(100)
        careful.sendall(b"here")
        answer = careful.recv(100)

    assert leave == b"HTTP/1.1 100 Continue\r\n\r\n"
    assert answer.startswith(b"HTTP/1.1 502 ")
    assert invoker.events[0]["body"] == "here"


def test_a_failed_function_is_a_502(run_function: RunFunction, connect: Connect) -> None:
    platform = run_function("def app(event, context): raise ValueError('secret')")

    status, _, body = ask(connect(platform), "POST", "/schedule")

    assert status == 502
    assert b"ValueError" in body
    assert b"secret" not in body


def test_a_function_that_is_too_slow_is_a_504(run_function: RunFunction, connect: Connect) -> None:
    source = "import threading\ndef app(event, context): threading.Event().wait()"
    platform = run_function(source, timeout=timedelta(milliseconds=300))

    status, _, _ = ask(connect(platform), "POST", "/schedule")

    assert status == 504


def test_a_burst_waits_for_a_free_environment(
    run_function: RunFunction, connect: Connect, gate: Gate
) -> None:
    answer = "return {'statusCode': 200}"
    source = f"import os\ndef app(event, context):\n  if event['body']: {Gate.WAIT}\n  {answer}"
    platform = run_function(source, environment=gate.environment)
    first = connect(platform)
    second = HTTPConnection(first.host, first.port, timeout=30)

    with ThreadPoolExecutor() as threads:
        held = threads.submit(ask, first, "POST", "/schedule", b"hold")
        gate.await_handler()
        waiting = threads.submit(ask, second, "POST", "/schedule")
        gate.open()

    second.close()
    assert (held.result()[0], waiting.result()[0]) == (200, 200)


def test_a_request_that_waited_in_vain_is_a_429(connect: Connect) -> None:
    invoker = RecordingInvoker()
    invoker.answers.append(TooManyRequests("all busy"))

    status, headers, body = ask(connect(invoker), "POST", "/schedule")

    assert (status, headers["Retry-After"]) == (429, "1")
    assert json.loads(body)["detail"] == "all busy"
    assert invoker.waits == [timedelta(seconds=5)]


def test_a_caller_that_goes_away_harms_nobody(connect: Connect, capsys: Any) -> None:
    invoker = RecordingInvoker()
    connection = connect(invoker)
    rude = socket.create_connection((connection.host, connection.port))

    rude.sendall(b"POST /schedule HTTP/1.1\r\nContent-Length: 100\r\n\r\nhalf")
    rude.close()
    status, _, _ = ask(connection, "POST", "/schedule")

    assert status == 502
    assert len(invoker.events) == 1
    assert capsys.readouterr().err == ""


def test_a_taken_port_is_named() -> None:
    first = HttpTrigger(RecordingInvoker(), "f", ROUTES, port=0)
    port = int(first.url.rsplit(":", 1)[1])

    with pytest.raises(PortTaken) as taken:
        HttpTrigger(RecordingInvoker(), "f", ROUTES, port=port)

    first.stop()
    assert taken.value.port == port
