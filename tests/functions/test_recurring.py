"""Function `schedule`: POST /schedule with a recurrence, from event to answer."""

import json
from datetime import timedelta
from typing import Any

import pytest

from tests.functions.conftest import GOLDEN, Caller
from tests.functions.keys import bearer, given_key
from tests.functions.memory_services import NOON, MemoryServices, down

SEED_REPORT = """{
    "type": "report",
    "payload": { "format": "pdf" },
    "cron": "* * * * *"
  }"""


def test_the_first_recurrence_that_anyone_sends_is_accepted(
    caller: Caller, services: MemoryServices
) -> None:
    answer = caller.send({**GOLDEN, "body": SEED_REPORT})

    schedule_id = answer.body["schedule_id"]
    assert answer.status == 201
    assert answer.body["status"] == "scheduled"
    assert answer.body["description"] == "Every minute, UTC time."
    assert answer.body["next_runs"] == [
        f"2026-06-01T12:0{minute}:00.000000Z" for minute in range(1, 6)
    ]
    assert answer.headers["Location"] == f"/schedules/{schedule_id}"
    assert answer.headers["ETag"] == '"1"'
    assert services.schedules.get("default", schedule_id) is not None


def test_its_first_occurrences_wait_at_once(caller: Caller, services: MemoryServices) -> None:
    answer = caller.schedule(SEED_REPORT)

    made = services.schedules.occurrences(
        "default", answer.body["schedule_id"], at=NOON, before=0, after=99
    )
    assert [task.occurrence_at for task in made][:2] == [
        NOON + timedelta(minutes=1),
        NOON + timedelta(minutes=2),
    ]
    assert min(services.buffered()) == NOON + timedelta(minutes=1)


@pytest.mark.parametrize(
    "rule",
    [
        {"every": 5},
        {"every": "PT1S"},
        {"rrule": "FREQ=MONTHLY;BYDAY=-1FR"},
        {"instants": ["2026-07-01T00:00:00Z", "2026-06-15T00:00:00Z"]},
        {"cron": "0 30 9 L * ?", "timezone": "Asia/Kathmandu"},
    ],
)
def test_every_kind_of_rule_is_accepted(caller: Caller, rule: dict[str, Any]) -> None:
    answer = caller.schedule(json.dumps({"type": "report", **rule}))

    assert answer.status == 201
    assert 1 <= len(answer.body["next_runs"]) <= 5


def test_a_rule_that_cannot_be_used_is_a_problem_with_its_place(
    caller: Caller, services: MemoryServices
) -> None:
    answer = caller.schedule('{"type":"report","cron":"61 * * * *"}')

    assert (answer.status, answer.body["code"]) == (422, "INVALID_RECURRENCE")
    assert answer.body["errors"][0]["pointer"] == "/cron"
    assert "minute (field 1 of 5): '61' is not in 0-59" in answer.body["detail"]
    assert caller.ask("GET", "/schedules").body["schedules"] == []


def test_a_name_can_be_taken_once(caller: Caller) -> None:
    body = '{"type":"report","cron":"@daily","name":"nightly"}'

    first, second = caller.schedule(body), caller.schedule(body)

    assert (first.status, first.body["name"]) == (201, "nightly")
    assert (second.status, second.body["code"]) == (409, "SCHEDULE_EXISTS")
    assert "PUT /schedules/nightly" in second.body["detail"]


@pytest.mark.parametrize(
    "rule",
    [
        {"cron": "* * * * *"},
        {"every": "PT5M"},
        {"rrule": "FREQ=DAILY"},
        {"instants": ["2030-01-01T09:00:00Z"]},
    ],
    ids=lambda rule: next(iter(rule)),
)
@pytest.mark.parametrize(
    ("scopes", "missing"),
    [
        (("tasks:write",), "schedules:write"),
        (("tasks:*", "schedules:read"), "schedules:write"),
        (("schedules:*",), "tasks:write"),
        (("tasks:write", "schedules:write"), None),
        (("admin",), None),
    ],
)
def test_a_recurrence_asks_for_the_scope_of_schedules_beside_that_of_tasks(
    rule: dict[str, object], scopes: tuple[str, ...], missing: str | None
) -> None:
    services = MemoryServices(access="keys")
    key = bearer(given_key(services.key_store, *scopes))
    reader = bearer(given_key(services.key_store, "schedules:read"))
    caller = Caller(services)

    answer = caller.schedule(json.dumps({"type": "report", **rule}), **key)

    made = caller.ask("GET", "/schedules", headers=reader).body["schedules"]
    if missing is None:
        assert (answer.status, len(made)) == (201, 1)
    else:
        assert (answer.status, answer.body["code"], made) == (403, "FORBIDDEN", [])
        assert services.stored("acme") == 0
        assert missing in answer.body["detail"]
        assert f'scope="{missing}"' in answer.headers["WWW-Authenticate"]


def test_postgresql_down_is_503(caller: Caller, services: MemoryServices) -> None:
    services.schedules = down("postgres")

    answer = caller.schedule(SEED_REPORT)

    assert (answer.status, answer.body["code"]) == (503, "BACKEND_UNAVAILABLE")


def test_redis_down_never_fails_a_recurrence(caller: Caller, services: MemoryServices) -> None:
    services.buffer = down("redis")

    assert caller.schedule(SEED_REPORT).status == 201
