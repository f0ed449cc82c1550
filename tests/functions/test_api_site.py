"""The API without the platform answers as it does behind it."""

import http.client
import json
import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlsplit

import pytest

from local.api import REQUEST_ID, ApiSite
from local.round_server import RoundServer
from tests.contract.app_server import served
from tests.functions.memory_services import MemoryServices

BODY = '{"type":"email","payload":{"a":[1,"ü"]},"delay":60}'
RECURRING = '{"type":"report","cron":"0 9 * * *","name":"daily"}'
ASKED: list[tuple[str, str, str | bytes | None, dict[str, str]]] = [
    ("POST", "/schedule", BODY, {"Idempotency-Key": "once"}),
    ("POST", "/schedule", BODY, {"Idempotency-Key": "once"}),
    ("POST", "/schedule", BODY, {"Content-Type": "text/plain", "Origin": "http://page.example"}),
    ("POST", "/schedule", RECURRING, {}),
    ("GET", "/schedules/daily", None, {}),
    ("GET", "/schedules/a%2Fb", None, {}),
    ("GET", "/tasks?status=pending&limit=1&limit=2", None, {}),
    ("GET", "/tasks?status=&tag=a%20b+c", None, {}),
    ("HEAD", "/tasks", None, {}),
    ("OPTIONS", "/tasks/x/cancel", None, {"Origin": "http://page.example"}),
    ("POST", "/schedule/batch", '{"tasks":[{"type":"email"},{"type":"emil"}]}', {}),
    ("POST", "/schedule/batch", '{"type":"email"}\n', {"Content-Type": "application/x-ndjson"}),
    ("POST", "/schedule", b'{"type":"\xff"}', {}),
    ("POST", "/schedule", "", {}),
    ("GET", "/livez", None, {}),
    ("GET", "/docs", None, {}),
]
OF_THE_PLATFORM = {REQUEST_ID.lower(), "x-amzn-requestid"}
Connection = http.client.HTTPConnection


@contextmanager
def connected(url: str) -> Iterator[Connection]:
    connection = Connection(urlsplit(url).netloc, timeout=10)
    yield connection
    connection.close()


def ask(
    connection: Connection,
    method: str,
    path: str,
    body: str | bytes | None = None,
    headers: dict[str, str] | None = None,
) -> tuple[int, dict[str, str], str]:
    """Status, headers and body, with the ids that are new each time taken out."""
    sent = body.encode() if isinstance(body, str) else body
    connection.request(method, path, sent, headers or {})
    answer = connection.getresponse()
    text = re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", "<id>", answer.read().decode())
    told = {name.lower(): value for name, value in answer.getheaders()}
    location = re.sub("[^/]*$", "<id>", told.pop("location", ""))
    kept = {name: value for name, value in told.items() if name not in OF_THE_PLATFORM}
    kept.pop("etag", None)  # of the id too
    kept.pop("content-length")
    if not text:
        kept.pop("content-type", None)  # a gateway gives nothing a type too
    return answer.status, {**kept, "location": location}, text


@contextmanager
def direct(services: MemoryServices) -> Iterator[Connection]:
    server = RoundServer(0, ApiSite(services))
    server.start()
    with connected(server.url) as connection:
        yield connection
    server.stop()


def test_each_answer_is_the_one_that_it_gives_behind_the_platform() -> None:
    settings = {"cors_origins": ("http://page.example",)}
    with (
        served(MemoryServices(**settings)) as url,
        connected(url) as behind,
        direct(MemoryServices(**settings)) as without,
    ):
        for request in ASKED:
            assert ask(without, *request) == ask(behind, *request)


def test_an_answer_names_its_request_as_a_problem_does() -> None:
    with direct(MemoryServices()) as connection:
        connection.request("POST", "/schedule", b"{}")
        answer = connection.getresponse()

        assert json.load(answer)["request_id"] == answer.headers[REQUEST_ID]


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("PUT", "/schedule", 405, "METHOD_NOT_ALLOWED"),
        ("PUT", "/tasks/7", 405, "METHOD_NOT_ALLOWED"),
        ("GET", "/nothing/here", 404, "NOT_FOUND"),
        ("GET", "/schedule/", 404, "NOT_FOUND"),
    ],
)
def test_what_has_no_route_is_told_by_the_api(
    method: str, path: str, status: int, code: str
) -> None:
    with direct(MemoryServices()) as connection:
        found, headers, text = ask(connection, method, path)

    body: dict[str, Any] = json.loads(text)
    assert (found, body["code"]) == (status, code)
    assert ("POST" in headers.get("allow", "") or "GET" in headers.get("allow", "")) is (
        status == 405
    )


def test_a_body_above_ten_megabytes_is_a_413() -> None:
    with direct(MemoryServices()) as connection:
        status, _, text = ask(connection, "POST", "/schedule", b"x" * (10 * 1024 * 1024 + 1))

    assert (status, "10485760" in text) == (413, True)


def test_a_key_is_asked_for_where_access_is_by_keys() -> None:
    with direct(MemoryServices(access="keys")) as connection:
        status, headers, _ = ask(connection, "POST", "/schedule", BODY)

    assert (status, headers["www-authenticate"]) == (401, 'Bearer realm="dueline"')
