"""The table of routes on Chalice: methods, paths, CORS, and no answer of Chalice's own."""

from collections.abc import Sequence

import pytest

from dueline.http_api.routes import ROUTES
from functions.schedule.app import app
from tests.functions.conftest import GOLDEN, Caller
from tests.functions.memory_services import MemoryServices

GET_PATHS = [route.path for route in ROUTES if route.method == "GET"]
NOBODY = "01900000-0000-7000-8000-000000000000"
PAGE = "https://console.example.org"


def test_the_deployed_app_serves_the_whole_table() -> None:
    served = {(method, path) for path, entries in app.routes.items() for method in entries}

    assert served == {(route.method, route.path) for route in ROUTES}


@pytest.mark.parametrize(
    ("method", "path", "allow"),
    [
        ("GET", "/schedule", "POST, OPTIONS"),
        ("DELETE", "/stats", "GET, HEAD, OPTIONS"),
        ("PUT", "/tasks/{task_id}", "GET, PATCH, DELETE, HEAD, OPTIONS"),
    ],
)
def test_a_wrong_method_is_told_the_right_ones(
    caller: Caller, method: str, path: str, allow: str
) -> None:
    answer = caller.ask(method, path, task_id=NOBODY)

    assert (answer.status, answer.body["code"]) == (405, "METHOD_NOT_ALLOWED")
    assert answer.headers["Allow"] == allow
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_a_wrong_path_is_told_the_right_ones(caller: Caller) -> None:
    answer = caller.ask("GET", "/task")

    assert (answer.status, answer.body["code"]) == (404, "NOT_FOUND")
    assert "/tasks/{task_id}" in answer.body["detail"]
    assert "Allow" not in answer.headers


def test_an_event_of_payload_format_2_is_a_problem_too(
    caller: Caller, caplog: pytest.LogCaptureFixture
) -> None:
    event = {"version": "2.0", "rawPath": "/stats", "requestContext": {"http": {"method": "GET"}}}

    answer = caller.send(event)

    assert (answer.status, answer.body["code"]) == (500, "INTERNAL_ERROR")
    assert "payload format 1.0" in caplog.text


@pytest.mark.parametrize("path", GET_PATHS)
def test_head_answers_as_get_without_a_body(caller: Caller, path: str) -> None:
    got = caller.ask("GET", path, task_id=NOBODY, schedule=NOBODY)

    answer = caller.ask("HEAD", path, task_id=NOBODY, schedule=NOBODY)

    assert (answer.status, answer.headers) == (got.status, got.headers)
    assert answer.text == ""


def test_no_page_may_call_the_api_until_its_origin_is_configured(caller: Caller) -> None:
    answer = caller.ask("GET", "/stats", headers={"Origin": PAGE})
    preflight = caller.ask("OPTIONS", "/schedule", headers={"Origin": PAGE})

    assert (preflight.status, preflight.headers["Allow"]) == (204, "POST, OPTIONS")
    for given in (answer, preflight):
        assert not [name for name in given.headers if name.startswith("Access-Control")]


@pytest.mark.parametrize(
    ("origins", "allowed"),
    [((PAGE,), PAGE), (("https://other.example.org", PAGE), PAGE), (("*",), "*")],
)
def test_a_page_of_a_configured_origin_may(origins: Sequence[str], allowed: str) -> None:
    caller = Caller(MemoryServices(cors_origins=origins))

    answer = caller.ask("GET", "/stats", headers={"Origin": PAGE})
    preflight = caller.ask("OPTIONS", "/schedule", headers={"Origin": PAGE})

    assert answer.headers["Access-Control-Allow-Origin"] == allowed
    assert preflight.status == 204
    assert preflight.headers["Access-Control-Allow-Origin"] == allowed
    assert preflight.headers["Access-Control-Allow-Methods"] == "POST, OPTIONS"
    assert "Content-Type" in preflight.headers["Access-Control-Allow-Headers"]
    assert "Access-Control-Allow-Credentials" not in preflight.headers


@pytest.mark.parametrize(
    "origin", ["https://evil.example.org", f"{PAGE}.evil.example.org", "null", ""]
)
def test_a_page_of_another_origin_may_not(origin: str) -> None:
    caller = Caller(MemoryServices(cors_origins=(PAGE,)))

    answer = caller.ask("GET", "/stats", headers={"Origin": origin})

    assert "Access-Control-Allow-Origin" not in answer.headers
    assert answer.headers["Vary"] == "Origin"


def test_a_page_can_read_its_problems_too() -> None:
    caller = Caller(MemoryServices(cors_origins=(PAGE,)))

    for answer in (
        caller.schedule("{", Origin=PAGE),
        caller.ask("GET", "/schedule", headers={"Origin": PAGE}),
        caller.ask("GET", "/nowhere", headers={"Origin": PAGE}),
    ):
        assert answer.status >= 400
        assert answer.headers["Access-Control-Allow-Origin"] == PAGE


def test_no_answer_is_kept_or_guessed_at(caller: Caller) -> None:
    for answer in (caller.ask("GET", "/stats"), caller.schedule("{"), caller.ask("GET", "/task")):
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["X-Content-Type-Options"] == "nosniff"


def test_the_request_id_may_be_missing(caller: Caller) -> None:
    context = {"httpMethod": "POST", "resourcePath": "/schedule", "path": "/schedule"}

    answer = caller.send({**GOLDEN, "requestContext": context, "body": "{"})

    assert answer.body["request_id"] is None
