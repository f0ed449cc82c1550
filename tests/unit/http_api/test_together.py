"""Requests that come at the same time: who is told what, and by how many statements."""

import json
from typing import Any, cast

import pytest

from dueline.domain.callers import Access
from dueline.domain.errors import BackendUnavailable, InvalidRequest
from dueline.domain.limits import Limits
from dueline.http_api.exchange import Request, Response
from dueline.http_api.together import Asked, answer_together
from dueline.http_api.views import schedule_task
from dueline.task_store.interface import Serving, Tasks
from tests.functions.keys import given_key
from tests.functions.memory_services import MemoryServices

REFUSAL = InvalidRequest("no", code="UNSUPPORTED_JSON")


class Watched:
    """A task store that writes down which tasks come together, by the numbers in their payloads.

    Raises `error` where 2 is among them.
    """

    def __init__(self, services: MemoryServices, error: Exception | None = None) -> None:
        self.statements: list[list[int]] = []
        self._store, self._error = services.store, error
        services.store = cast("Serving", self)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._store, name)

    def add(self, tasks: Tasks) -> None:
        self.statements.append([json.loads(task.payload) for task in tasks])
        if self._error and 2 in self.statements[-1]:
            raise self._error
        self._store.add(tasks)


def posted(number: int, headers: dict[str, str] | None = None, **body: Any) -> Asked:
    sent = json.dumps({"type": "email", "payload": number, **body}).encode()
    request = Request(
        method="POST",
        resource="/schedule",
        base_path="",
        path_parameters={},
        headers=headers or {},
        request_id=f"request-{number}",
        sent=sent,
        sent_as_base64=False,
    )
    return Asked(request, schedule_task, "tasks:write")


def statuses(answers: list[Response]) -> list[int]:
    return [answer.status for answer in answers]


def test_new_tasks_go_into_one_statement_and_each_caller_is_told_of_its_own() -> None:
    services = MemoryServices()
    store = Watched(services)

    answers = answer_together([posted(1), posted(2), posted(3)], services)

    assert (statuses(answers), store.statements) == ([201] * 3, [[1, 2, 3]])
    ids = [json.loads(answer.body)["task_id"] for answer in answers]
    tasks = [services.store.get("default", each) for each in ids]
    assert [task.payload for task in tasks if task] == ["1", "2", "3"]


def test_what_is_due_soon_is_known_to_tick() -> None:
    services = MemoryServices()

    answer_together([posted(1), posted(2, delay=1_000_000)], services)

    assert len(services.buffered()) == 1


def test_a_request_that_asks_for_no_task_keeps_none_from_theirs() -> None:
    services = MemoryServices()
    store = Watched(services)

    answers = answer_together([posted(1), posted(2, type="emil"), posted(3)], services)

    assert (statuses(answers), store.statements) == ([201, 422, 201], [[1, 3]])


def test_a_refusal_is_told_to_the_one_at_fault() -> None:
    services = MemoryServices()
    store = Watched(services, REFUSAL)

    answers = answer_together([posted(1), posted(2), posted(3)], services)

    assert statuses(answers) == [201, 422, 201]
    assert store.statements == [[1, 2, 3], [1], [2], [3]]
    assert services.stored() == 2
    told = json.loads(answers[1].body)
    assert (told["code"], told["request_id"]) == ("UNSUPPORTED_JSON", "request-2")


def test_who_is_refused_is_told_what_is_left_of_the_rate_too() -> None:
    services = MemoryServices(limits=Limits(rate=1, burst=9))
    Watched(services, REFUSAL)

    answers = answer_together([posted(1), posted(2), posted(3)], services)

    left = [answer.headers["RateLimit"].split(";")[1] for answer in answers]
    assert (statuses(answers), left) == ([201, 422, 201], ["r=8", "r=7", "r=6"])


@pytest.mark.parametrize(
    ("error", "status"), [(BackendUnavailable("postgres", "gone"), 503), (MemoryError(), 500)]
)
def test_a_failure_that_is_of_no_task_is_told_to_all_and_tried_once(
    error: Exception, status: int
) -> None:
    services = MemoryServices()
    store = Watched(services, error)

    answers = answer_together([posted(1), posted(2), posted(3)], services)

    assert (statuses(answers), store.statements) == ([status] * 3, [[1, 2, 3]])


def test_no_statement_holds_the_tasks_of_two_tenants() -> None:
    services = MemoryServices(access=Access.KEYS)
    store = Watched(services)
    ours, theirs = (
        {"x-api-key": given_key(services.key_store, tenant=name)} for name in ("we", "they")
    )

    answers = answer_together([posted(1, ours), posted(2, theirs), posted(3, ours)], services)

    assert (statuses(answers), store.statements) == ([201] * 3, [[1, 3], [2]])
    assert (services.stored("we"), services.stored("they")) == (2, 1)


def test_what_may_turn_out_to_be_there_already_is_accepted_by_itself() -> None:
    services = MemoryServices()
    store = Watched(services)
    once = {"idempotency-key": "once"}
    asked = [posted(1), posted(2, once), posted(2, once), posted(3, dedupe={"key": "k"}), posted(4)]

    answers = answer_together(asked, services)

    assert (statuses(answers), store.statements) == ([201] * 5, [[3], [1, 4]])
    assert answers[1].body == answers[2].body
    assert services.stored() == 4
