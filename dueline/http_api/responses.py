"""The bodies of answers."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import msgspec

from dueline.domain.tasks import Attempt, JsonText, Task, TaskStatus
from dueline.http_api.exchange import Response
from dueline.http_api.instants import rfc_3339, rfc_3339_or_null


def json_response(
    body: Any, *, status: int = 200, headers: Mapping[str, str] | None = None
) -> Response:
    return Response(
        status=status,
        body=msgspec.json.encode(body).decode(),
        headers={"Content-Type": "application/json", **(headers or {})},
    )


def accepted(task: Task) -> dict[str, Any]:
    """The answer to POST /schedule. `scheduled` is its word for `pending`."""
    return {
        "task_id": task.id,
        "status": "scheduled",
        "type": task.type,
        "queue": task.queue,
        "execute_at": rfc_3339(task.execute_at),
        "due_at": rfc_3339(task.due_at),
    }


def task_body(task: Task, attempts: Sequence[Attempt]) -> dict[str, Any]:
    """The whole task, with the attempts that failed or lost their lease, oldest first."""
    return {
        "task_id": task.id,
        "type": task.type,
        "queue": task.queue,
        "status": task.status,
        "execute_at": rfc_3339(task.execute_at),
        "due_at": rfc_3339(task.due_at),
        "created_at": rfc_3339(task.created_at),
        "started_at": rfc_3339_or_null(task.started_at),
        "finished_at": rfc_3339_or_null(task.finished_at),
        "lateness_ms": None if task.lateness is None else milliseconds(task.lateness),
        "attempt": task.attempt,
        "max_attempts": task.retry.max_attempts,
        "payload": _raw(task.payload),
        "result": None if task.result is None else _raw(task.result),
        "error": task.error,
        "attempts": [_attempt(attempt) for attempt in attempts],
    }


def stats_body(counts: Mapping[TaskStatus, int]) -> dict[str, int]:
    """Tasks by status, and in all."""
    return {
        **{status.value: counts[status] for status in TaskStatus},
        "total": sum(counts.values()),
    }


def milliseconds(length: timedelta) -> float:
    return round(length / timedelta(milliseconds=1), 3)


def _attempt(attempt: Attempt) -> dict[str, Any]:
    return {
        "attempt": attempt.attempt,
        "outcome": attempt.outcome,
        "started_at": rfc_3339_or_null(attempt.started_at),
        "ended_at": rfc_3339(attempt.ended_at),
        "error": attempt.error,
        "worker": attempt.worker,
    }


def _raw(text: JsonText) -> msgspec.Raw:
    return msgspec.Raw(text.encode())
