"""Function `schedule`: what is done to one task, over memory adapters."""

import pytest
from msgspec import structs

from dueline.domain.tasks import TaskStatus
from tests.functions.conftest import Caller
from tests.functions.memory_services import NOON, MemoryServices
from tests.functions.tasks import MINUTE, Tasks

NOBODY = "01900000-0000-7000-8000-000000000000"


@pytest.fixture
def tasks(caller: Caller, services: MemoryServices) -> Tasks:
    return Tasks(caller, services)


@pytest.mark.parametrize(("method", "what"), [("POST", "/cancel"), ("DELETE", "")])
def test_cancelling_says_which_of_two_happened(tasks: Tasks, method: str, what: str) -> None:
    waits, runs = tasks.made(), tasks.running()

    called_off, asked = tasks.ask(method, waits, what), tasks.ask(method, runs, what)

    assert (called_off.status, called_off.body["outcome"]) == (200, "cancelled")
    assert (asked.status, asked.body["outcome"]) == (202, "cancel_requested")
    assert tasks.now(waits).status is TaskStatus.CANCELLED
    assert tasks.now(runs).cancel_requested


def test_cancelling_again_answers_the_same(tasks: Tasks) -> None:
    waits, runs = tasks.made(), tasks.running()

    first = [tasks.ask("POST", task_id, "/cancel") for task_id in (waits, runs)]
    second = [tasks.ask("POST", task_id, "/cancel") for task_id in (waits, runs)]

    assert [answer.text for answer in second] == [answer.text for answer in first]


def test_what_has_ended_is_not_cancelled_and_the_answer_says_why(tasks: Tasks) -> None:
    answer = tasks.ask("POST", tasks.failed(), "/cancel")

    assert (answer.status, answer.body["code"]) == (409, "TASK_CONFLICT")
    assert "is failed since 2026-06-01T12:00:00" in answer.body["detail"]
    assert "retry" in answer.body["detail"]


def test_a_failed_task_is_retried_at_once(tasks: Tasks, services: MemoryServices) -> None:
    task_id = tasks.failed()

    answer = tasks.ask("POST", task_id, "/retry")

    assert (answer.status, answer.body["status"]) == (200, "pending")
    assert (answer.body["attempt"], answer.body["max_attempts"]) == (1, 2)
    assert services.buffered() == [NOON]


@pytest.mark.parametrize("status", ["made", "running", "cancelled"])
def test_only_what_failed_is_retried(tasks: Tasks, status: str) -> None:
    task_id = getattr(tasks, status)()

    answer = tasks.ask("POST", task_id, "/retry")

    assert (answer.status, answer.body["code"]) == (409, "TASK_CONFLICT")


def test_a_task_that_waits_runs_now(tasks: Tasks, services: MemoryServices) -> None:
    task_id = tasks.made()

    answer = tasks.ask("POST", task_id, "/run")

    assert (answer.status, answer.body["due_at"]) == (200, "2026-06-01T12:00:00.000000Z")
    assert services.buffered() == [NOON]


@pytest.mark.parametrize("status", ["running", "failed", "cancelled"])
@pytest.mark.parametrize(("method", "what", "body"), [("POST", "/run", None), ("PATCH", "", "{}")])
def test_only_what_waits_is_changed(
    tasks: Tasks, status: str, method: str, what: str, body: str | None
) -> None:
    task_id = getattr(tasks, status)()
    before = tasks.now(task_id)

    answer = tasks.ask(method, task_id, what, body=body and '{"payload":1}')

    assert (answer.status, answer.body["code"]) == (409, "TASK_CONFLICT")
    assert tasks.now(task_id) == before


def test_a_task_gets_another_time_payload_and_queue(tasks: Tasks, services: MemoryServices) -> None:
    task_id = tasks.made()
    body = '{"execute_at":"2026-06-01T12:00:30Z","payload":{"a":1.50},"queue":"partner"}'

    answer = tasks.ask("PATCH", task_id, body=body)

    assert answer.status == 200
    assert answer.body["due_at"] == "2026-06-01T12:00:30.000000Z"
    assert (answer.body["queue"], answer.body["payload"]) == ("partner", {"a": 1.5})
    [lane] = services.settings().lanes.of_queue("partner")
    assert services.buffer.next_due(lane) == NOON + MINUTE / 2


BAD_EDITS = [
    ("{}", "INVALID_FIELD", ""),
    ('{"execute_at":null}', "INVALID_FIELD", "/execute_at"),
    ('{"execute_at":"soon"}', "INVALID_TIME", "/execute_at"),
    ('{"queue":"partnr"}', "UNKNOWN_QUEUE", "/queue"),
    ('{"status":"completed"}', "INVALID_FIELD", "/status"),
    ('{"tenant":"other"}', "INVALID_FIELD", "/tenant"),
    ('{"payload":"\\u0000"}', "UNSUPPORTED_JSON", "/payload"),
    ('{"execute_at":"2026-06-01T14:00:00Z"}', "INVALID_TIME", "/execute_at"),
]


@pytest.mark.parametrize(("body", "code", "pointer"), BAD_EDITS)
def test_a_bad_edit_is_a_problem_and_changes_nothing(
    tasks: Tasks, body: str, code: str, pointer: str
) -> None:
    task_id = tasks.made('{"type":"email","delay":60,"expires_at":"2026-06-01T13:00:00Z"}')
    before = tasks.now(task_id)

    answer = tasks.ask("PATCH", task_id, body=body)

    assert (answer.status, answer.body["code"]) == (422, code)
    assert answer.body["errors"][0]["pointer"] == pointer
    assert tasks.now(task_id) == before


def test_an_edit_of_what_was_seen_is_made_and_of_what_has_changed_is_not(tasks: Tasks) -> None:
    task_id = tasks.made()
    seen = tasks.ask("GET", task_id).headers["ETag"]

    first = tasks.ask("PATCH", task_id, body='{"payload":1}', headers={"If-Match": seen})
    second = tasks.ask("PATCH", task_id, body='{"payload":2}', headers={"If-Match": seen})

    assert (first.status, first.body["payload"]) == (200, 1)
    assert first.headers["ETag"] != seen
    assert (second.status, second.body["code"]) == (412, "PRECONDITION_FAILED")
    assert tasks.now(task_id).payload == "1"


def test_who_has_a_task_already_is_not_sent_it_again(tasks: Tasks) -> None:
    task_id = tasks.running()
    seen = tasks.ask("GET", task_id).headers["ETag"]

    known = tasks.ask("GET", task_id, headers={"If-None-Match": f'"x", W/{seen}'})
    tasks.ask("POST", task_id, "/cancel")
    changed = tasks.ask("GET", task_id, headers={"If-None-Match": seen})

    assert (known.status, known.text) == (304, "")
    assert changed.status == 200


def test_the_timeline_tells_what_happened_in_order(tasks: Tasks) -> None:
    task_id = tasks.failed()

    timeline = tasks.ask("GET", task_id).body["timeline"]

    assert [event["event"] for event in timeline] == [
        "created",
        "asked for",
        "started",
        "attempt failed",
        "failed",
    ]
    assert timeline[-1]["detail"] == "ValueError: broken"


@pytest.mark.parametrize(
    ("status", "words"),
    [
        ("made", "It waits for its time: due at 2026-06-01T13:00:00.000000Z, 1 h ahead."),
        ("running", "Attempt 1 of it runs since 2026-06-01T12:00:00.000000Z on w."),
        ("failed", "all 1 attempt are used up. Its last error: ValueError: broken"),
        ("cancelled", "It was cancelled at 2026-06-01T12:00:00.000000Z, before it started."),
    ],
)
def test_a_task_is_explained_in_words(tasks: Tasks, status: str, words: str) -> None:
    answer = tasks.ask("GET", getattr(tasks, status)(), "/explain")

    assert answer.status == 200
    assert words in answer.body["explanation"][0]


EVERY_WAY = [
    ("GET", ""),
    ("GET", "/explain"),
    ("PATCH", ""),
    ("DELETE", ""),
    ("POST", "/cancel"),
    ("POST", "/retry"),
    ("POST", "/run"),
]


@pytest.mark.parametrize(("method", "what"), EVERY_WAY)
@pytest.mark.parametrize("of", ["nobody", "another tenant"])
def test_a_task_that_is_not_the_callers_is_404_and_stays_as_it_is(
    tasks: Tasks, of: str, method: str, what: str
) -> None:
    theirs = _theirs(tasks)
    before = tasks.store.get("other", theirs)
    task_id = theirs if of == "another tenant" else NOBODY

    answer = tasks.ask(method, task_id, what, body='{"payload":1}' if method == "PATCH" else None)

    assert (answer.status, answer.body["code"]) == (404, "TASK_NOT_FOUND")
    assert tasks.store.get("other", theirs) == before


def _theirs(tasks: Tasks) -> str:
    task = structs.replace(tasks.now(tasks.made()), id=NOBODY[:-1] + "1", tenant="other")
    tasks.store.add([task])
    return task.id
