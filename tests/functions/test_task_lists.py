"""Function `schedule`: GET /tasks, over memory adapters."""

import json

import pytest

from tests.functions.conftest import Caller
from tests.functions.memory_services import MemoryServices
from tests.functions.tasks import Tasks

NOBODY = "01900000-0000-7000-8000-000000000000"


@pytest.fixture
def tasks(caller: Caller, services: MemoryServices) -> Tasks:
    return Tasks(caller, services)


def test_tasks_are_listed_page_by_page(caller: Caller) -> None:
    made = [
        caller.schedule(json.dumps({"type": "email", "payload": n})).body["task_id"]
        for n in range(5)
    ]

    first = caller.ask("GET", "/tasks", query={"page_size": "3"}).body
    token = first["next_page_token"]
    second = caller.ask("GET", "/tasks", query={"page_size": "3", "page_token": token}).body

    assert [len(page["tasks"]) for page in (first, second)] == [3, 2]
    assert second["next_page_token"] is None
    listed = [task["task_id"] for page in (first, second) for task in page["tasks"]]
    assert listed == sorted(made, reverse=True)


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, 3),
        ({"status": "cancelled"}, 1),
        ({"status": "pending,cancelled"}, 3),
        ({"type": "report"}, 1),
        ({"type": "report,email"}, 3),
        ({"tag": "vip"}, 1),
        ({"queue": "partner"}, 0),
        ({"payload": '{"n":1}'}, 2),
        ({"execute_from": "2026-06-01T12:30:00Z"}, 1),
        ({"execute_to": "2026-06-01T12:30:00Z"}, 2),
        ({"created_from": "2026-06-01T12:00:00.001Z"}, 0),
        ({"schedule": NOBODY}, 0),
    ],
    ids=str,
)
def test_a_list_is_filtered(
    tasks: Tasks, caller: Caller, query: dict[str, str], found: int
) -> None:
    tasks.cancelled()
    tasks.made('{"type":"email","payload":{"n":1},"tags":["vip"]}')
    tasks.made('{"type":"report","payload":{"n":1,"m":2}}')

    answer = caller.ask("GET", "/tasks", query=query)

    assert (answer.status, len(answer.body["tasks"])) == (200, found)


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"status": "done"}, "INVALID_PARAMETER"),
        ({"page_size": "0"}, "INVALID_PARAMETER"),
        ({"page_size": "many"}, "INVALID_PARAMETER"),
        ({"colour": "red"}, "INVALID_PARAMETER"),
        ({"payload": "{"}, "INVALID_PARAMETER"),
        ({"payload": '"\\u0000"'}, "INVALID_PARAMETER"),
        ({"schedule": "nightly"}, "INVALID_PARAMETER"),
        ({"execute_from": "yesterday"}, "INVALID_TIME"),
        ({"page_token": "x"}, "INVALID_PAGE_TOKEN"),
        ({"page_token": "\u00fc"}, "INVALID_PAGE_TOKEN"),
    ],
    ids=str,
)
def test_a_list_that_cannot_be_made_is_a_problem(
    caller: Caller, query: dict[str, str], code: str
) -> None:
    answer = caller.ask("GET", "/tasks", query=query)

    assert (answer.status // 100, answer.body["code"]) == (4, code)


def test_a_page_token_is_for_its_filter(caller: Caller) -> None:
    for _ in range(2):
        caller.schedule('{"type":"email"}')
    token = caller.ask("GET", "/tasks", query={"page_size": "1"}).body["next_page_token"]

    answer = caller.ask("GET", "/tasks", query={"page_token": token, "type": "email"})

    assert (answer.status, answer.body["code"]) == (400, "INVALID_PAGE_TOKEN")


def test_a_page_ends_where_its_answer_would_be_too_large(caller: Caller) -> None:
    large = json.dumps({"type": "email", "payload": "x" * 250_000})
    made = {caller.schedule(large).body["task_id"] for _ in range(20)}

    first = caller.ask("GET", "/tasks")
    rest = caller.ask("GET", "/tasks", query={"page_token": first.body["next_page_token"]})

    assert len(first.text) < 5_000_000
    pages = [first.body["tasks"], rest.body["tasks"]]
    assert {task["task_id"] for page in pages for task in page} == made
