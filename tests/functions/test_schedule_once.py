"""Function `schedule`: requests that are sent again, and tasks that there may be one of."""

import json
from typing import Any

import pytest

from dueline.domain.tasks import TaskRef
from dueline.task_store.memory import MemoryTaskStore
from tests.functions.conftest import Answer, Caller
from tests.functions.memory_services import NOON, MemoryServices, down

EMAIL = '{"type":"email"}'
KEY = {"Idempotency-Key": '"8e03978e-40d5-43dd-bc93-6894a57f9324"'}


def deduped(caller: Caller, key: str = "order-7", **fields: Any) -> Answer:
    body = {"type": "email", "delay": 60, **fields}
    body["dedupe"] = {"key": key, **fields.pop("dedupe", {})}
    return caller.schedule(json.dumps(body))


def test_a_request_that_is_sent_again_is_done_once_and_answered_alike(
    caller: Caller, services: MemoryServices
) -> None:
    first, second = caller.schedule(EMAIL, **KEY), caller.schedule(EMAIL, **KEY)

    assert (second.status, second.text) == (first.status, first.text) == (201, first.text)
    assert second.headers["Location"] == first.headers["Location"]
    assert "Idempotency-Replayed" not in first.headers
    assert second.headers["Idempotency-Replayed"] == "true"
    assert services.stored() == 1


def test_a_batch_that_is_sent_again_is_done_once(caller: Caller, services: MemoryServices) -> None:
    body = '{"tasks":[{"type":"email"},{"type":"emial"}],"atomic":false}'

    answers = [caller.ask("POST", "/schedule/batch", body, headers=KEY) for _ in range(2)]

    assert [answer.status for answer in answers] == [200, 200]
    assert answers[0].text == answers[1].text
    assert services.stored() == 1


def test_all_of_an_atomic_batch_is_stored_under_its_key(
    caller: Caller, services: MemoryServices
) -> None:
    body = '{"tasks":[{"type":"email"},{"type":"report"},{"type":"email"}]}'

    answers = [caller.ask("POST", "/schedule/batch", body, headers=KEY) for _ in range(2)]

    assert [answer.status for answer in answers] == [201, 201]
    assert answers[0].text == answers[1].text
    found = [services.store.get("default", each["task_id"]) for each in answers[0].body["tasks"]]
    assert [task and task.type for task in found] == ["email", "report", "email"]
    assert services.stored() == 3


@pytest.mark.parametrize("other", ['{"type":"report"}', '{"type": "email"}'])
def test_a_key_that_was_used_for_another_request_is_refused(
    caller: Caller, services: MemoryServices, other: str
) -> None:
    caller.schedule(EMAIL, **KEY)

    answer = caller.schedule(other, **KEY)

    assert (answer.status, answer.body["code"]) == (422, "IDEMPOTENCY_KEY_REUSED")
    assert services.stored() == 1


def test_what_was_refused_can_be_sent_again_under_its_key(
    caller: Caller, services: MemoryServices
) -> None:
    assert caller.schedule('{"type":"emial"}', **KEY).status == 422
    store = services.store
    services.store = down("postgres")
    assert caller.schedule(EMAIL, **KEY).status == 503
    services.store = store

    assert caller.schedule(EMAIL, **KEY).status == 201


@pytest.mark.parametrize(
    "key", ["", '""', "a b", "x" * 256, '"' + "x" * 256 + '"', '"half', "\u00fc", "a,b\x00"]
)
def test_what_cannot_be_a_key_is_a_problem(
    caller: Caller, services: MemoryServices, key: str
) -> None:
    answer = caller.schedule(EMAIL, **{"Idempotency-Key": key})

    assert (answer.status, answer.body["code"]) == (400, "INVALID_IDEMPOTENCY_KEY")
    assert services.stored() == 0


def test_a_key_in_quotes_is_the_same_as_without(caller: Caller, services: MemoryServices) -> None:
    caller.schedule(EMAIL, **{"Idempotency-Key": '"k"'})
    caller.schedule(EMAIL, **{"Idempotency-Key": "k"})

    assert services.stored() == 1


def test_a_recurrence_takes_no_key(caller: Caller) -> None:
    answer = caller.schedule('{"type":"email","cron":"@daily"}', **KEY)

    assert (answer.status, answer.body["code"]) == (422, "CONFLICTING_FIELDS")


def test_while_a_task_has_not_ended_its_dedupe_key_leads_to_it(
    caller: Caller, services: MemoryServices
) -> None:
    first = deduped(caller)

    second = deduped(caller, delay=7)

    assert (first.status, second.status) == (201, 200)
    assert second.body["task_id"] == first.body["task_id"]
    assert (second.body["deduplicated"], second.body["due_at"]) == (
        "returned",
        first.body["due_at"],
    )
    assert services.stored() == 1


def test_a_task_that_waits_is_replaced(caller: Caller, services: MemoryServices) -> None:
    first = deduped(caller, payload=1)

    second = deduped(caller, payload=2, delay=7, dedupe={"on_conflict": "replace"})

    assert (second.status, second.body["deduplicated"]) == (200, "replaced")
    assert second.body["task_id"] == first.body["task_id"]
    task = services.store.get("default", first.body["task_id"])
    assert task is not None
    assert (task.payload, (task.due_at - NOON).total_seconds()) == ("2", 7)


@pytest.mark.parametrize(
    ("fields", "why"),
    [
        ({"dedupe": {"on_conflict": "reject"}}, "has this dedupe key: "),
        ({"dedupe": {"on_conflict": "replace"}, "type": "report"}, "It is of type email"),
    ],
)
def test_a_task_that_may_not_be_beside_another_is_refused(
    caller: Caller, services: MemoryServices, fields: dict[str, Any], why: str
) -> None:
    deduped(caller)

    answer = deduped(caller, **fields)

    assert (answer.status, answer.body["code"]) == (409, "DEDUPE_CONFLICT")
    assert why in answer.body["detail"]
    assert services.stored() == 1


def test_what_runs_is_not_replaced(caller: Caller, services: MemoryServices) -> None:
    made = deduped(caller, delay=0).body["task_id"]
    assert isinstance(services.store, MemoryTaskStore)
    lease = services.settings().lease
    services.store.claim([TaskRef(made, 0)], now=NOON, until=NOON, lease=lease, worker="w")

    answer = deduped(caller, dedupe={"on_conflict": "replace"})

    assert (answer.status, answer.body["code"]) == (409, "DEDUPE_CONFLICT")
    assert "It runs" in answer.body["detail"]


def test_a_dedupe_key_is_free_again_when_its_task_has_ended(
    caller: Caller, services: MemoryServices
) -> None:
    first = deduped(caller).body["task_id"]
    caller.ask("POST", "/tasks/{task_id}/cancel", task_id=first)

    assert deduped(caller).status == 201
    assert services.stored() == 2


@pytest.mark.parametrize(
    ("dedupe", "pointer"),
    [
        ({}, "/dedupe/key"),
        ({"key": ""}, "/dedupe/key"),
        ({"key": "x" * 256}, "/dedupe/key"),
        ({"key": "x", "on_conflict": "ignore"}, "/dedupe/on_conflict"),
        ("x", "/dedupe"),
    ],
    ids=str,
)
def test_a_bad_dedupe_is_a_problem(caller: Caller, dedupe: Any, pointer: str) -> None:
    answer = caller.schedule(json.dumps({"type": "email", "dedupe": dedupe}))

    assert (answer.status, answer.body["errors"][0]["pointer"]) == (422, pointer)


def test_a_batch_takes_no_dedupe_keys(caller: Caller) -> None:
    body = '{"tasks":[{"type":"email","dedupe":{"key":"x"}}]}'

    answer = caller.ask("POST", "/schedule/batch", body)

    assert answer.body["errors"][0]["pointer"] == "/tasks/0/dedupe"
