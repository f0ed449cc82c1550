"""Function `schedule`: who may ask what. Every route of the table is tried."""

from collections.abc import Callable
from typing import Any

import pytest

from dueline.domain.callers import Access, Scope, holds
from dueline.http_api.routes import ROUTES, Route
from tests.functions.conftest import GOLDEN, Answer, Caller
from tests.functions.keys import NOBODY, bearer, given_key, path_parameters
from tests.functions.memory_services import NOON, MemoryServices, down

CLOSED = [route for route in ROUTES if route.scope]
OPEN = [route for route in ROUTES if not route.scope]
SCOPES = [scope.value for scope in Scope]


def name_of(value: object) -> str:
    return f"{value.method} {value.path}" if isinstance(value, Route) else str(value)


@pytest.fixture
def services() -> MemoryServices:
    return MemoryServices(access=Access.KEYS)


def ask(caller: Caller, route: Route, **headers: str) -> Answer:
    parameters: dict[str, Any] = path_parameters(route.path)
    return caller.ask(route.method, route.path, headers=headers, **parameters)


def code(answer: Answer) -> Any:
    """A HEAD has no body to say it in."""
    return (
        answer.body["code"]
        if answer.text
        else {401: "UNAUTHENTICATED", 403: "FORBIDDEN"}.get(answer.status)
    )


def test_the_open_routes_are_those_that_tell_nothing_of_a_tenant() -> None:
    paths = {route.path for route in OPEN if route.method != "OPTIONS"}

    assert paths == {"/livez", "/readyz", "/openapi.json", "/docs"}


@pytest.mark.parametrize("route", CLOSED, ids=name_of)
def test_every_route_asks_for_a_scope_that_a_key_can_hold(route: Route) -> None:
    assert route.scope in SCOPES


@pytest.mark.parametrize("route", OPEN, ids=name_of)
def test_an_open_route_asks_for_nothing(caller: Caller, route: Route) -> None:
    assert ask(caller, route).status not in {401, 403}


@pytest.mark.parametrize("route", CLOSED, ids=name_of)
@pytest.mark.parametrize(
    "authorization",
    [None, "", "Bearer", "Bearer ", "Bearer dl_", "Bearer hunter2", "Basic ZGw6eA==", "\ud800"],
)
def test_without_a_key_nothing_is_answered(
    caller: Caller, route: Route, authorization: str | None
) -> None:
    headers = {} if authorization is None else {"Authorization": authorization}

    answer = ask(caller, route, **headers)

    assert (answer.status, code(answer)) == (401, "UNAUTHENTICATED")
    assert answer.headers["WWW-Authenticate"].startswith('Bearer realm="dueline"')
    assert "hunter2" not in answer.text


def revoked(services: MemoryServices) -> str:
    key = given_key(services.key_store)
    services.key_store.revoke(key[3:15], now=NOON)
    return key


def expired(services: MemoryServices) -> str:
    return given_key(services.key_store, expires_at=NOON)


def unknown(services: MemoryServices) -> str:
    return given_key(MemoryServices().key_store)


def guessed(services: MemoryServices) -> str:
    """The id of a key, and not its secret."""
    return given_key(services.key_store)[:16] + "A" * 43


@pytest.mark.parametrize("route", CLOSED, ids=name_of)
@pytest.mark.parametrize("make", [revoked, expired, unknown, guessed])
def test_a_key_that_opens_nothing_is_refused(
    caller: Caller,
    services: MemoryServices,
    route: Route,
    make: Callable[[MemoryServices], str],
) -> None:
    answer = ask(caller, route, **bearer(make(services)))

    assert (answer.status, code(answer)) == (401, "UNAUTHENTICATED")
    assert 'error="invalid_token"' in answer.headers["WWW-Authenticate"]


@pytest.mark.parametrize("route", CLOSED, ids=name_of)
@pytest.mark.parametrize("scope", SCOPES)
def test_a_key_opens_the_routes_of_its_scope_and_no_others(
    caller: Caller, services: MemoryServices, route: Route, scope: str
) -> None:
    key = given_key(services.key_store, scope)

    answer = ask(caller, route, **bearer(key))

    assert route.scope is not None
    if holds({scope}, route.scope):
        assert answer.status not in {401, 403}
    else:
        assert (answer.status, code(answer)) == (403, "FORBIDDEN")
        assert f'scope="{route.scope}"' in answer.headers["WWW-Authenticate"]


@pytest.mark.parametrize(
    "headers",
    [
        {"authorization": "bearer {}"},
        {"AUTHORIZATION": "Bearer   {}"},
        {"X-API-Key": "{}"},
        {"Authorization": "AWS4-HMAC-SHA256 Credential=…", "x-api-key": " {} "},
    ],
)
def test_a_key_may_be_sent_in_either_header(
    caller: Caller, services: MemoryServices, headers: dict[str, str]
) -> None:
    key = given_key(services.key_store)
    sent = {name: value.format(key) for name, value in headers.items()}

    assert caller.ask("GET", "/stats", headers=sent).status == 200


def test_a_key_in_the_url_opens_nothing(caller: Caller, services: MemoryServices) -> None:
    key = given_key(services.key_store)
    context = {**GOLDEN["requestContext"], "httpMethod": "GET", "resourcePath": "/stats"}
    query = {"key": key, "api_key": key, "access_token": key}

    answer = caller.send(
        {**GOLDEN, "queryStringParameters": query, "requestContext": context, "body": None}
    )

    assert answer.status == 401


def test_no_log_line_holds_a_key(
    caller: Caller, services: MemoryServices, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    key = given_key(services.key_store)

    caller.ask("GET", "/stats", headers=bearer(key))
    services.store = down("postgres")
    caller.ask("GET", "/tasks/{task_id}", headers=bearer(key), task_id=NOBODY)

    assert caplog.records
    assert key[16:] not in caplog.text


def test_a_wrong_path_needs_no_key_to_be_told_the_right_ones(caller: Caller) -> None:
    assert caller.ask("GET", "/task").status == 404
    assert caller.ask("DELETE", "/stats").status == 405


def test_a_page_can_read_that_it_was_refused() -> None:
    page = "https://console.example.org"
    caller = Caller(MemoryServices(access=Access.KEYS, cors_origins=(page,)))

    answer = caller.ask("GET", "/stats", headers={"Origin": page})
    preflight = caller.ask("OPTIONS", "/stats", headers={"Origin": page})

    assert (answer.status, answer.headers["Access-Control-Allow-Origin"]) == (401, page)
    assert "Authorization" in preflight.headers["Access-Control-Allow-Headers"]


def test_while_the_keys_cannot_be_read_the_answer_is_503(services: MemoryServices) -> None:
    services.key_store = down("postgres")  # type: ignore[assignment]

    answer = Caller(services).ask("GET", "/stats", headers=bearer(unknown(services)))

    assert (answer.status, answer.body["code"]) == (503, "BACKEND_UNAVAILABLE")


def test_a_key_for_some_types_makes_no_task_of_another(
    caller: Caller, services: MemoryServices
) -> None:
    key = given_key(services.key_store, "tasks:write", types=frozenset({"email"}))

    assert caller.schedule('{"type":"email"}', **bearer(key)).status == 201
    refused = caller.schedule('{"type":"report"}', **bearer(key))

    assert (refused.status, refused.body["code"]) == (403, "FORBIDDEN")
    assert "email" in refused.body["detail"]
    assert services.stored("acme") == 1


def signed(caller: Caller, **identity: object) -> Answer:
    """GET /stats as API Gateway brings it from one whose signature it has checked."""
    context = {
        **GOLDEN["requestContext"],
        "httpMethod": "GET",
        "resourcePath": "/stats",
        "identity": {**GOLDEN["requestContext"]["identity"], **identity},
    }
    return caller.send({**GOLDEN, "requestContext": context, "body": None})


ROLE = "arn:aws:sts::123456789012:assumed-role/app/session"


def test_behind_iam_whoever_api_gateway_names_is_let_in() -> None:
    caller = Caller(MemoryServices(access=Access.IAM))

    assert signed(caller, userArn=ROLE, accountId="123456789012").status == 200


def test_behind_iam_a_request_that_nobody_signed_is_refused() -> None:
    answer = signed(Caller(MemoryServices(access=Access.IAM)))

    assert (answer.status, answer.body["code"]) == (401, "UNAUTHENTICATED")
    assert "AWS_IAM" in answer.body["detail"]
    assert "WWW-Authenticate" in answer.headers


@pytest.mark.parametrize(
    ("tenants", "status"),
    [
        ({"arn:aws:iam::123456789012:role/app": "acme"}, 200),
        ({"123456789012": "acme"}, 200),
        ({"*": "acme"}, 200),
        ({"arn:aws:iam::123456789012:role/other": "acme", "999999999999": "beta"}, 403),
    ],
)
def test_behind_iam_a_principal_has_the_tenant_of_the_setting(
    tenants: dict[str, str], status: int
) -> None:
    caller = Caller(MemoryServices(access=Access.IAM, iam_tenants=tenants))

    assert signed(caller, userArn=ROLE, accountId="123456789012").status == status
