"""Function `schedule`: the same done to all tasks that fit a filter, over memory adapters."""

import json
from typing import Any

import pytest

from dueline.domain.tasks import TaskStatus
from dueline.usecases.change_in_bulk import PIECE
from tests.functions.conftest import Answer, Caller
from tests.functions.memory_services import HurryingClock, MemoryServices
from tests.functions.tasks import Tasks

ALL: dict[str, Any] = {"filter": {}, "dry_run": False}


@pytest.fixture
def tasks(caller: Caller, services: MemoryServices) -> Tasks:
    return Tasks(caller, services)


def bulk(caller: Caller, what: str, **body: Any) -> Answer:
    return caller.ask("POST", f"/tasks/{what}", json.dumps(body))


@pytest.mark.parametrize("what", ["cancel", "retry"])
def test_unless_it_is_told_to_it_only_counts(caller: Caller, tasks: Tasks, what: str) -> None:
    made = [tasks.made(), tasks.failed(), tasks.running()]
    before = [tasks.now(task_id) for task_id in made]

    answer = bulk(caller, what, filter={})

    assert (answer.status, answer.body["dry_run"], answer.body["outcomes"]) == (200, True, {})
    assert answer.body["fitting"] == {"cancel": 2, "retry": 1}[what]
    assert [tasks.now(task_id) for task_id in made] == before


def test_all_that_fit_are_cancelled(caller: Caller, tasks: Tasks) -> None:
    waits, runs, failed = tasks.made(), tasks.running(), tasks.failed()
    spared = tasks.made('{"type":"report","delay":60}')

    answer = bulk(caller, "cancel", filter={"type": "email"}, dry_run=False)

    assert answer.body["outcomes"] == {"cancelled": 1, "cancel_requested": 1}
    assert (answer.body["fitting"], answer.body["done"]) == (2, True)
    assert tasks.now(waits).status is TaskStatus.CANCELLED
    assert tasks.now(runs).cancel_requested
    assert tasks.now(failed).status is TaskStatus.FAILED
    assert tasks.now(spared).status is TaskStatus.PENDING


def test_all_that_failed_and_fit_are_retried(
    caller: Caller, tasks: Tasks, services: MemoryServices
) -> None:
    failed = [tasks.failed() for _ in range(3)]

    answer = bulk(caller, "retry", **ALL)

    assert answer.body["outcomes"] == {"retried": 3}
    assert {tasks.now(task_id).status for task_id in failed} == {TaskStatus.PENDING}
    assert services.buffered() != []


def test_all_that_wait_and_fit_are_moved(caller: Caller, tasks: Tasks) -> None:
    waits, runs = tasks.made(), tasks.running()

    answer = bulk(caller, "reschedule", execute_at="2026-06-02T12:00:00Z", **ALL)

    assert answer.body["outcomes"] == {"rescheduled": 1}
    assert tasks.now(waits).due_at.day == 2
    assert tasks.now(runs).due_at.day == 1


def test_a_filter_by_a_status_that_does_not_allow_it_fits_nothing(
    caller: Caller, tasks: Tasks
) -> None:
    tasks.failed()

    answer = bulk(caller, "cancel", filter={"status": "failed"}, dry_run=False)

    assert (answer.body["fitting"], answer.body["done"]) == (0, True)


def test_when_its_time_is_up_it_says_where_to_go_on(
    caller: Caller, services: MemoryServices
) -> None:
    services.standing_clock = HurryingClock()
    body = {"tasks": [{"type": "email", "delay": 3600}] * (PIECE + 1)}
    caller.ask("POST", "/schedule/batch", json.dumps(body))

    first = bulk(caller, "cancel", **ALL)
    token = first.body["next_page_token"]
    second = bulk(caller, "cancel", **ALL, page_token=token)

    assert (first.body["done"], first.body["outcomes"]) == (False, {"cancelled": PIECE})
    assert (second.body["done"], second.body["outcomes"]) == (True, {"cancelled": PIECE + 1})
    other = bulk(caller, "cancel", filter={"type": "email"}, dry_run=False, page_token=token)
    assert (other.status, other.body["errors"][0]["pointer"]) == (422, "/page_token")


@pytest.mark.parametrize(
    ("what", "body", "pointer"),
    [
        ("cancel", "{}", "/filter"),
        ("cancel", '{"filter":{"status":"done"}}', "/filter/status"),
        ("cancel", '{"filter":{"colour":"red"}}', "/filter/colour"),
        ("retry", '{"filter":{"payload":"{"}}', "/filter/payload"),
        ("reschedule", '{"filter":{}}', "/execute_at"),
        ("reschedule", '{"filter":{},"execute_at":"soon"}', "/execute_at"),
        ("retry", '{"filter":{"created_to":"soon"}}', "/filter/created_to"),
        ("cancel", '{"filter":{},"page_token":"x"}', "/page_token"),
    ],
)
def test_a_bad_body_is_a_problem(caller: Caller, what: str, body: str, pointer: str) -> None:
    answer = caller.ask("POST", f"/tasks/{what}", body)

    assert (answer.status, answer.body["errors"][0]["pointer"]) == (422, pointer)
