"""Function `schedule`: what can be read: tasks, counts, health."""

import pytest

from tests.functions.conftest import Caller
from tests.functions.memory_services import PASSWORD, MemoryServices, down

NOBODY = "01900000-0000-7000-8000-000000000000"


def test_a_new_task_can_be_read(caller: Caller) -> None:
    made = caller.schedule('{"type":"email","payload":{"n":[1,2.50]},"retry":{"max_attempts":3}}')

    answer = caller.ask("GET", "/tasks/{task_id}", task_id=made.body["task_id"])

    assert answer.status == 200
    assert answer.body == {
        "task_id": made.body["task_id"],
        "type": "email",
        "queue": "default",
        "status": "pending",
        "execute_at": "2026-06-01T12:00:00.000000Z",
        "due_at": "2026-06-01T12:00:00.000000Z",
        "created_at": "2026-06-01T12:00:00.000000Z",
        "started_at": None,
        "finished_at": None,
        "expires_at": None,
        "lateness_ms": None,
        "attempt": 0,
        "max_attempts": 3,
        "cancel_requested": False,
        "tags": [],
        "schedule_id": None,
        "occurrence_at": None,
        "payload": {"n": [1, 2.5]},
        "result": None,
        "error": None,
        "attempts": [],
        "timeline": [
            {"at": "2026-06-01T12:00:00.000000Z", "event": "created", "detail": None},
            {"at": "2026-06-01T12:00:00.000000Z", "event": "asked for", "detail": None},
        ],
    }


def test_a_task_can_be_read_by_its_id_in_capitals(caller: Caller) -> None:
    made = caller.schedule('{"type":"email"}')

    answer = caller.ask("GET", "/tasks/{task_id}", task_id=made.body["task_id"].upper())

    assert answer.status == 200


@pytest.mark.parametrize(
    "task_id", [NOBODY, "1", "", "x" * 10_000, "\x00", "\ud800", f"{NOBODY}\n", f"{{{NOBODY}}}"]
)
def test_an_id_that_no_task_has_is_404(caller: Caller, task_id: str) -> None:
    answer = caller.ask("GET", "/tasks/{task_id}", task_id=task_id)

    assert (answer.status, answer.body["code"]) == (404, "TASK_NOT_FOUND")
    assert answer.body["errors"] == []


def test_stats_count_the_tasks_of_every_status(caller: Caller) -> None:
    caller.schedule('{"type":"email"}')
    caller.schedule('{"type":"report","delay":3600}')

    answer = caller.ask("GET", "/stats")

    assert answer.body == {
        "pending": 2,
        "queued": 0,
        "running": 0,
        "completed": 0,
        "failed": 0,
        "cancelled": 0,
        "skipped": 0,
        "total": 2,
    }


def test_livez_asks_no_server(caller: Caller, services: MemoryServices) -> None:
    services.store, services.buffer, services.queue = down("postgres"), down("redis"), down("rmq")

    answer = caller.ask("GET", "/livez")

    assert (answer.status, answer.body) == (200, {"status": "live"})


def test_readyz_names_every_server_and_how_long_it_took(caller: Caller) -> None:
    answer = caller.ask("GET", "/readyz")

    assert (answer.status, answer.body["status"]) == (200, "ready")
    assert set(answer.body["checks"]) == {"postgres", "redis", "work_queue", "tick"}
    for check in answer.body["checks"].values():
        assert check["status"] == "up"
        assert check["latency_ms"] >= 0


@pytest.mark.parametrize("backend", ["redis", "work_queue"])
def test_readyz_is_degraded_while_requests_are_still_accepted(
    caller: Caller, services: MemoryServices, backend: str
) -> None:
    if backend == "redis":
        services.buffer = down("redis")
    else:
        services.queue = down("rabbitmq")

    answer = caller.ask("GET", "/readyz")

    assert (answer.status, answer.body["status"]) == (200, "degraded")
    assert answer.body["checks"][backend]["status"] == "down"
    assert PASSWORD not in answer.text


def test_readyz_is_503_while_postgresql_is_down(caller: Caller, services: MemoryServices) -> None:
    services.store = down("postgres")

    answer = caller.ask("GET", "/readyz")

    assert (answer.status, answer.body["status"]) == (503, "unavailable")
    assert answer.headers["Retry-After"] == "1"
