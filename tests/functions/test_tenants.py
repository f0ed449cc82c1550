"""Function `schedule`: nobody sees or changes what is another tenant's. Every route is tried."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

import pytest

from dueline.domain.callers import Access
from dueline.http_api.routes import ROUTES, Route
from tests.functions.conftest import Answer, Caller
from tests.functions.keys import bearer, given_key
from tests.functions.memory_services import MemoryServices
from tests.functions.test_access import name_of

OURS, THEIRS = "acme", "zebra"
BY_ID = [route for route in ROUTES if "{" in route.path and route.method != "OPTIONS"]
OF_ALL = [route for route in ROUTES if "{" not in route.path and route.scope]

# What a route's body or query must hold to be more than a mistake; a new route may need a line.
LATER = "2026-06-01T13:00:00Z"
BODIES: Mapping[tuple[str, str], Mapping[str, Any]] = {
    ("PATCH", "/tasks/{task_id}"): {"execute_at": LATER},
    ("PUT", "/schedules/{schedule}"): {"type": "email", "every": "PT1H"},
    ("PATCH", "/schedules/{schedule}"): {"every": "PT2H"},
    ("POST", "/schedules/{schedule}/backfill"): {"start": "2026-05-01T00:00:00Z", "end": LATER},
    ("POST", "/schedules/{schedule}/skip"): {"at": LATER},
    ("POST", "/schedules/{schedule}/unskip"): {"at": LATER},
    ("POST", "/schedule"): {"type": "email"},
    ("POST", "/schedule/batch"): {"tasks": [{"type": "email"}]},
}
QUERIES = {"/schedules/{schedule}/explain": {"at": LATER}}


@pytest.fixture
def services() -> MemoryServices:
    return MemoryServices(access=Access.KEYS)


class Theirs:
    """What another tenant has: a task, and a schedule with a name."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller
        self._key = bearer(given_key(caller.services.key_store, tenant=THEIRS))
        task = {"type": "report", "payload": {"secret": "zebra crossing"}}
        made = caller.schedule(json.dumps(task), **self._key)
        recurring = {**task, "every": "PT1H", "name": "zebras"}
        scheduled = caller.schedule(json.dumps(recurring), **self._key)
        self.task_id = made.body["task_id"]
        self.schedule_id = scheduled.body["schedule_id"]

    def ids(self) -> Mapping[str, str]:
        """A value for every path parameter that there is."""
        return {"task_id": self.task_id, "schedule": self.schedule_id}

    def everything(self) -> tuple[object, ...]:
        """All that is stored of them."""
        services = self._caller.services
        task = services.store.get(THEIRS, self.task_id)
        schedule = services.schedules.get(THEIRS, self.schedule_id)
        assert task
        assert schedule
        return (task, asdict(schedule), services.stored(THEIRS), services.buffered())


@pytest.fixture
def theirs(caller: Caller) -> Theirs:
    return Theirs(caller)


# Who is not to see it: another tenant, and one of its own who holds a key for other task types.
OTHERS: Mapping[str, Mapping[str, Any]] = {
    "another tenant": {"tenant": OURS},
    "a key for other types": {"tenant": THEIRS, "types": frozenset({"email"})},
}


def ask(caller: Caller, route: Route, other: str, **path_parameters: str) -> Answer:
    key = bearer(given_key(caller.services.key_store, **OTHERS[other]))
    given = {name: path_parameters[name] for name in path_parameters if f"{{{name}}}" in route.path}
    body = BODIES.get((route.method, route.path), {})
    return caller.ask(
        route.method,
        route.path,
        json.dumps(body),
        headers=key,
        query=QUERIES.get(route.path),
        **given,
    )


@pytest.mark.parametrize("route", BY_ID, ids=name_of)
@pytest.mark.parametrize("other", OTHERS)
def test_what_is_not_the_callers_is_not_there_and_does_not_change(
    caller: Caller, theirs: Theirs, route: Route, other: str
) -> None:
    before = theirs.everything()

    answer = ask(caller, route, other, **theirs.ids())

    assert answer.status == 404, answer.text
    assert "zebra" not in answer.text
    assert theirs.everything() == before


@pytest.mark.parametrize("route", BY_ID, ids=name_of)
def test_for_whoever_has_it_the_same_request_finds_it(
    caller: Caller, theirs: Theirs, route: Route
) -> None:
    """So that the 404 above is about the tenant, and not about a bad request."""
    key = bearer(given_key(caller.services.key_store, tenant=THEIRS))
    given = {name: value for name, value in theirs.ids().items() if f"{{{name}}}" in route.path}
    body = json.dumps(BODIES.get((route.method, route.path), {}))

    answer = caller.ask(
        route.method, route.path, body, headers=key, query=QUERIES.get(route.path), **given
    )

    assert answer.status != 404 or answer.body["code"] == "OCCURRENCE_NOT_FOUND", answer.text


@pytest.mark.parametrize("route", OF_ALL, ids=name_of)
@pytest.mark.parametrize("other", OTHERS)
def test_a_request_about_many_is_about_the_callers_own(
    caller: Caller, theirs: Theirs, route: Route, other: str
) -> None:
    before = theirs.everything()

    answer = ask(caller, route, other)

    assert answer.status < 500
    assert "zebra" not in answer.text
    assert theirs.task_id not in answer.text
    assert theirs.schedule_id not in answer.text
    assert theirs.everything()[:2] == before[:2]


@pytest.mark.parametrize("tenant", [OURS, THEIRS])
def test_a_name_belongs_to_a_tenant(caller: Caller, theirs: Theirs, tenant: str) -> None:
    key = bearer(given_key(caller.services.key_store, tenant=tenant))

    found = caller.ask("GET", "/schedules/{schedule}", headers=key, schedule="zebras")
    again = caller.schedule('{"type":"email","every":"PT1H","name":"zebras"}', **key)

    assert found.status == (200 if tenant == THEIRS else 404)
    assert again.status == (409 if tenant == THEIRS else 201)


def test_stats_count_the_callers_own_tasks(caller: Caller, theirs: Theirs) -> None:
    key = bearer(given_key(caller.services.key_store, tenant=OURS))
    caller.schedule('{"type":"email"}', **key)

    assert caller.ask("GET", "/stats", headers=key).body["total"] == 1
