"""Function `schedule`: POST /schedule/batch, from event to answer, over memory adapters."""

import json
from typing import Any

import pytest
from msgspec import structs

from dueline.domain.tasks import DEFAULT_TENANT
from dueline.http_api.batch import MOST_BATCH_BYTES, MOST_TASKS
from dueline.http_api.task_views import MOST_ERRORS_SHOWN
from tests.functions.conftest import Answer, Caller
from tests.functions.memory_services import NOON, MemoryServices, down

GOOD: dict[str, Any] = {"type": "email", "payload": {"n": 1}, "execute_at": "2026-06-01T12:00:10Z"}
LARGE = "x" * 262_144
GROWING = ",".join(["1e308"] * 20_000)  # as jsonb writes it, 6 MB


def batch(caller: Caller, *tasks: Any, **fields: Any) -> Answer:
    return caller.ask("POST", "/schedule/batch", json.dumps({"tasks": tasks, **fields}))


def lines(caller: Caller, body: str, **query: str) -> Answer:
    headers = {"Content-Type": "application/x-ndjson"}
    return caller.ask("POST", "/schedule/batch", body, headers=headers, query=query)


def test_a_batch_is_accepted_in_its_order(caller: Caller, services: MemoryServices) -> None:
    tasks = [{**GOOD, "payload": number} for number in range(3)]

    answer = batch(caller, *tasks)

    assert (answer.status, answer.body["accepted"], answer.body["refused"]) == (201, 3, 0)
    assert {task["status"] for task in answer.body["tasks"]} == {"scheduled"}
    ids = [task["task_id"] for task in answer.body["tasks"]]
    assert ids == sorted(ids), "as they were asked for, so they are listed"
    stored = [services.store.get(DEFAULT_TENANT, task_id) for task_id in ids]
    assert [task.payload for task in stored if task] == ["0", "1", "2"]
    assert services.buffered() != []


def test_a_task_of_a_batch_is_as_one_sent_by_itself(
    caller: Caller, services: MemoryServices
) -> None:
    wish = {
        "type": "email",
        "payload": {"a": "\u00e9\U0001f642"},
        "delay": "PT1H",
        "queue": "partner",
        "retry": {"max_attempts": 2, "backoff": "fixed"},
        "timeout": 9,
        "expires_at": "2027-01-01T00:00:00Z",
        "tags": ["customer:7", "trial"],
    }

    alone = caller.schedule(json.dumps(wish)).body
    among = batch(caller, GOOD, wish).body["tasks"][1]

    ids = [answer["task_id"] for answer in (alone, among)]
    one, other = (services.store.get(DEFAULT_TENANT, task_id) for task_id in ids)
    assert one is not None
    assert other is not None
    assert one == structs.replace(other, id=one.id)
    assert one.id != other.id
    assert one.tags == ("customer:7", "trial")


def test_one_bad_item_of_an_atomic_batch_is_named_and_nothing_is_stored(
    caller: Caller, services: MemoryServices
) -> None:
    answer = batch(caller, GOOD, {**GOOD, "execute_at": "tomorrow"}, GOOD)

    assert (answer.status, answer.body["code"]) == (422, "BATCH_REFUSED")
    [error] = answer.body["errors"]
    assert (error["pointer"], error["code"]) == ("/tasks/1/execute_at", "INVALID_TIME")
    assert services.stored() == 0
    assert services.buffered() == []


def sending(field: str, value: str) -> str:
    return f'{{"type":"email","{field}":{value}}}'


def test_every_bad_item_of_an_atomic_batch_is_named(caller: Caller) -> None:
    bad = {**GOOD, "type": "emial"}

    answer = batch(caller, GOOD, bad, GOOD, {"cron": "@daily", **GOOD}, bad)

    pointers = [error["pointer"] for error in answer.body["errors"]]
    assert pointers == ["/tasks/1/type", "/tasks/3", "/tasks/4/type"]
    assert answer.body["detail"].startswith("3 of 5 tasks")


BAD_ITEMS: list[tuple[str, str, str]] = [
    ("{}", "INVALID_FIELD", "/type"),
    ("7", "INVALID_FIELD", ""),
    ('{"type":"emial"}', "UNKNOWN_TYPE", "/type"),
    (sending("colour", "1"), "INVALID_FIELD", "/colour"),
    (sending("payload", '{"a":1,"a":2}'), "UNSUPPORTED_JSON", "/payload"),
    (sending("payload", '"\\u0000"'), "UNSUPPORTED_JSON", "/payload"),
    (sending("payload", "1e400"), "UNSUPPORTED_JSON", "/payload"),
    (sending("payload", "9" * 40), "UNSUPPORTED_JSON", "/payload"),
    (sending("payload", "[" * 33 + "]" * 33), "UNSUPPORTED_JSON", "/payload" + "/0" * 32),
    (sending("payload", f'"{LARGE}"'), "BODY_TOO_LARGE", ""),
    (sending("tags", '[""]'), "INVALID_FIELD", "/tags/0"),
    (sending("tags", json.dumps(["t"] * 17)), "INVALID_FIELD", "/tags"),
    (sending("cron", '"@daily"'), "CONFLICTING_FIELDS", ""),
    (sending("timezone", '"UTC"'), "CONFLICTING_FIELDS", "/timezone"),
]


@pytest.mark.parametrize(("item", "code", "pointer"), BAD_ITEMS, ids=lambda value: value[:40])
def test_a_bad_item_is_refused_by_itself_and_the_others_are_accepted(
    caller: Caller, services: MemoryServices, item: str, code: str, pointer: str
) -> None:
    body = f'{{"atomic":false,"tasks":[{json.dumps(GOOD)},{item},{json.dumps(GOOD)}]}}'

    answer = caller.ask("POST", "/schedule/batch", body)

    assert (answer.status, answer.body["accepted"], answer.body["refused"]) == (200, 2, 1)
    refused = answer.body["tasks"][1]
    assert refused["status"] == "refused"
    assert (refused["code"], refused["pointer"]) == (code, f"/tasks/1{pointer}")
    assert services.stored() == 2


def test_of_very_many_bad_items_the_first_are_named(caller: Caller) -> None:
    answer = batch(caller, *[{"type": "emial"}] * (MOST_ERRORS_SHOWN + 1))

    assert len(answer.body["errors"]) == MOST_ERRORS_SHOWN
    assert f"the first {MOST_ERRORS_SHOWN}" in answer.body["detail"]


def test_a_line_is_a_task(caller: Caller, services: MemoryServices) -> None:
    answer = lines(caller, f"{json.dumps(GOOD)}\r\n\n{json.dumps(GOOD)}")

    assert (answer.status, answer.body["accepted"]) == (201, 2)
    assert services.stored() == 2


def test_a_line_that_is_no_json_is_refused_by_itself(
    caller: Caller, services: MemoryServices
) -> None:
    body = f"{json.dumps(GOOD)}\n{{\n{json.dumps(GOOD)}\n"

    together, apart = lines(caller, body), lines(caller, body, atomic="false")

    assert (together.status, together.body["errors"][0]["pointer"]) == (422, "/tasks/1")
    assert apart.body["tasks"][1]["code"] == "MALFORMED_JSON"
    assert services.stored() == 2


WHOLE_BODIES: list[tuple[str, int, str]] = [
    ("", 400, "MALFORMED_JSON"),
    ('{"tasks":[', 400, "MALFORMED_JSON"),
    ('{"tasks":[{"type":"email"}]}x', 400, "MALFORMED_JSON"),
    ('{"tasks":[{"type":"email"}],"tasks":[]}', 422, "UNSUPPORTED_JSON"),
    ("[" * 100_000, 422, "UNSUPPORTED_JSON"),
    ("[]", 422, "INVALID_FIELD"),
    ("{}", 422, "INVALID_FIELD"),
    ('{"tasks":7}', 422, "INVALID_FIELD"),
    ('{"tasks":[]}', 422, "INVALID_FIELD"),
    ('{"tasks":[{"type":"email"}],"atomic":"yes"}', 422, "INVALID_FIELD"),
    ('{"tasks":[{"type":"email"}],"atomik":true}', 422, "INVALID_FIELD"),
    (json.dumps({"tasks": [{"type": "email"}] * (MOST_TASKS + 1)}), 422, "INVALID_FIELD"),
    (json.dumps({"tasks": [], "x": "y" * MOST_BATCH_BYTES}), 413, "BODY_TOO_LARGE"),
    (f'{{"tasks":[{sending("payload", f"[{GROWING}]")}]}}', 413, "BODY_TOO_LARGE"),
]


@pytest.mark.parametrize(("body", "status", "code"), WHOLE_BODIES, ids=lambda v: str(v)[:40])
def test_a_body_that_is_no_batch_is_a_problem(
    caller: Caller, services: MemoryServices, body: str, status: int, code: str
) -> None:
    answer = caller.ask("POST", "/schedule/batch", body)

    assert (answer.status, answer.body["code"]) == (status, code)
    assert services.stored() == 0


def test_whether_json_is_atomic_is_said_in_its_body(caller: Caller) -> None:
    body = json.dumps({"tasks": [GOOD]})

    answer = caller.ask("POST", "/schedule/batch", body, query={"atomic": "false"})

    assert (answer.status, answer.body["code"]) == (422, "CONFLICTING_FIELDS")


def test_a_batch_is_not_accepted_while_postgresql_is_down(
    caller: Caller, services: MemoryServices
) -> None:
    services.store = down("postgres")

    assert batch(caller, GOOD, GOOD).status == 503


def test_ten_thousand_tasks_are_accepted_at_once(caller: Caller, services: MemoryServices) -> None:
    answer = batch(caller, *[{"type": "email", "delay": 3600}] * MOST_TASKS)

    assert (answer.status, answer.body["accepted"]) == (201, MOST_TASKS)
    assert len({task["task_id"] for task in answer.body["tasks"]}) == MOST_TASKS
    assert services.buffered() == []
    assert services.standing_clock.now() == NOON
