"""The bodies of answers."""

import json
from datetime import UTC, datetime, timedelta

from msgspec import structs

from dueline.domain.tasks import Attempt, Task, TaskStatus
from dueline.http_api.responses import json_response, task_body, whole_task

NINE = datetime(2026, 1, 1, 9, tzinfo=UTC)
MS = timedelta(milliseconds=1)
TASK = Task(
    id="01900000-0000-7000-8000-0000000000ff",
    type="email",
    queue="default",
    payload='{"to": "ann"}',
    execute_at=NINE,
    due_at=NINE,
    created_at=NINE - timedelta(days=1),
)


def test_a_task_that_ran_tells_when_and_how_late_it_first_started() -> None:
    task = structs.replace(
        TASK,
        status=TaskStatus.COMPLETED,
        attempt=2,
        due_at=NINE + 2000 * MS,
        first_started_at=NINE + 1.2345 * MS,
        started_at=NINE + 2003 * MS,
        finished_at=NINE + 2004 * MS,
        result='{"sent": true}',
    )

    body = task_body(task)

    assert body["status"] == "completed"
    assert body["lateness_ms"] == 1.234
    assert body["started_at"] == "2026-01-01T09:00:02.003000Z"
    assert body["finished_at"] == "2026-01-01T09:00:02.004000Z"
    assert body["due_at"] == "2026-01-01T09:00:02.000000Z"
    assert (body["attempt"], body["max_attempts"]) == (2, 5)


def test_payload_and_result_are_json_and_not_text_of_json() -> None:
    task = structs.replace(TASK, payload="[1.10, 12345678901234567890]", result="null")

    response = json_response(task_body(task))

    assert '"payload":[1.10, 12345678901234567890],"result":null' in response.body


def test_the_attempts_that_failed_are_told_with_their_errors() -> None:
    lost = Attempt(
        task_id=TASK.id,
        attempt=1,
        started_at=None,
        ended_at=NINE,
        outcome="lease_lost",
        error="the lease ran out",
        worker="execute-1",
    )

    body = json.loads(json_response(whole_task(TASK, [lost])).body)

    assert body["attempts"] == [
        {
            "attempt": 1,
            "outcome": "lease_lost",
            "started_at": None,
            "ended_at": "2026-01-01T09:00:00.000000Z",
            "error": "the lease ran out",
            "worker": "execute-1",
        }
    ]
