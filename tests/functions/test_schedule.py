"""Function `schedule`: POST /schedule, from event to answer, over memory adapters."""

import base64
import json
from datetime import timedelta

import pytest

from dueline.domain.tasks import DEFAULT_TENANT, DuePlace, TaskRef, TaskStatus
from tests.functions.conftest import GOLDEN, Caller
from tests.functions.memory_services import NOON, MemoryServices

SEED_EMAIL = """{
    "type": "email",
    "payload": { "subject": "Welcome Email" },
    "execute_at": "2026-06-01T12:00:10Z"
  }"""
SEED_LOAD = (
    '{"type":"email","payload":{"subject":"Load Test 7"},"execute_at":"2026-06-01T12:00:10Z"}'
)


def test_an_event_of_the_gateway_makes_a_task(caller: Caller, services: MemoryServices) -> None:
    answer = caller.send({**GOLDEN, "body": SEED_EMAIL})

    task = services.store.get(DEFAULT_TENANT, answer.body["task_id"])
    assert answer.status == 201
    assert answer.body == {
        "task_id": answer.body["task_id"],
        "status": "scheduled",
        "type": "email",
        "queue": "default",
        "execute_at": "2026-06-01T12:00:10.000000Z",
        "due_at": "2026-06-01T12:00:10.000000Z",
    }
    assert answer.headers["Content-Type"] == "application/json"
    assert task is not None
    assert task.status is TaskStatus.PENDING
    assert json.loads(task.payload) == {"subject": "Welcome Email"}
    assert services.buffered() == [NOON + timedelta(seconds=10)]


@pytest.mark.parametrize("stage", ["", "/prod"])
def test_the_location_of_a_task_is_beside_the_path_that_the_caller_used(
    caller: Caller, stage: str
) -> None:
    context = {**GOLDEN["requestContext"], "path": f"{stage}/schedule"}

    answer = caller.send({**GOLDEN, "requestContext": context})

    assert answer.headers["Location"] == f"{stage}/tasks/{answer.body['task_id']}"


@pytest.mark.parametrize("body", [SEED_EMAIL, SEED_LOAD])
def test_the_first_bodies_that_anyone_sends_are_accepted(caller: Caller, body: str) -> None:
    answer = caller.schedule(body, **{"Content-Type": "application/json"})

    assert answer.status == 201
    assert answer.body["status"] == "scheduled"


@pytest.mark.parametrize(
    "content_type",
    [
        "application/json",
        "application/json; charset=utf-8",
        "application/x-www-form-urlencoded",  # what curl -d says of itself
        "text/plain",
        "application/octet-stream",
        "image/png",
        "nonsense",
        "",
        None,
    ],
)
def test_the_content_type_does_not_matter(caller: Caller, content_type: str | None) -> None:
    headers = {} if content_type is None else {"content-type": content_type}

    assert caller.schedule(SEED_EMAIL, **headers).status == 201


@pytest.mark.parametrize("accept", ["*/*", "image/png", "text/html", ""])
def test_what_the_caller_would_like_to_get_does_not_matter(caller: Caller, accept: str) -> None:
    assert caller.schedule(SEED_EMAIL, Accept=accept).status == 201


def test_a_body_may_come_as_base64(caller: Caller) -> None:
    body = base64.b64encode(SEED_EMAIL.encode()).decode()

    assert caller.send({**GOLDEN, "body": body, "isBase64Encoded": True}).status == 201
    assert caller.send({**GOLDEN, "body": "%%%=", "isBase64Encoded": True}).status == 400


def test_a_task_far_away_is_stored_and_not_buffered(
    caller: Caller, services: MemoryServices
) -> None:
    settings = services.settings()
    near = (settings.horizon + settings.slack).total_seconds()

    caller.schedule(json.dumps({"type": "email", "delay": near}))
    caller.schedule(json.dumps({"type": "email", "delay": near + 1}))

    assert services.stored() == 2
    assert services.buffered() == [NOON + timedelta(seconds=near)]


def test_a_task_for_outside_workers_goes_the_same_way(
    caller: Caller, services: MemoryServices
) -> None:
    answer = caller.schedule('{"type":"export"}')

    assert (answer.status, answer.body["queue"]) == (201, "partner")
    [lane] = services.settings().lanes.of_queue("partner")
    assert services.buffer.next_due(lane) == NOON


def test_the_buffer_gets_the_task_under_its_first_fence(
    caller: Caller, services: MemoryServices
) -> None:
    settings, buffer = services.settings(), services.due_buffer()

    answer = caller.schedule('{"type":"email","execute_at":"2020-01-01T00:00:00Z"}')

    lane = settings.lanes.of_task("default", answer.body["task_id"])
    assert buffer.move_watermark(lane, old=None, new=DuePlace(NOON))
    leased = buffer.lease_due(lane, until=NOON, lease=settings.in_flight_lease, limit=9)
    assert leased == [TaskRef(answer.body["task_id"], 0)]
