"""The bodies of answers."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import msgspec

from dueline.domain.errors import InvalidRequest
from dueline.domain.tasks import Attempt, JsonText, Task
from dueline.http_api.exchange import Response
from dueline.http_api.instants import rfc_3339, rfc_3339_or_null
from dueline.http_api.timeline import timeline


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


def batch_body(judged: Sequence[Task | InvalidRequest]) -> dict[str, Any]:
    """The answer to POST /schedule/batch, in the order of the request.

    Lean, since there are thousands: what else the caller may want to know they have sent.
    """
    results: list[dict[str, Any]] = [
        {"task_id": item.id, "status": "scheduled"}
        if isinstance(item, Task)
        else {
            "status": "refused",
            "code": item.code,
            "pointer": f"/tasks/{index}{item.pointer}",
            "detail": item.detail,
        }
        for index, item in enumerate(judged)
    ]
    accepted = sum(isinstance(item, Task) for item in judged)
    return {"accepted": accepted, "refused": len(judged) - accepted, "tasks": results}


def task_body(task: Task) -> dict[str, Any]:
    """The whole row, as far as it concerns the caller."""
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
        "expires_at": rfc_3339_or_null(task.expires_at),
        "lateness_ms": None if task.lateness is None else milliseconds(task.lateness),
        "attempt": task.attempt,
        "max_attempts": task.retry.max_attempts,
        "cancel_requested": task.cancel_requested,
        "tags": task.tags,
        "schedule_id": task.schedule_id,
        "occurrence_at": rfc_3339_or_null(task.occurrence_at),
        "payload": _raw(task.payload),
        "result": None if task.result is None else _raw(task.result),
        "error": task.error,
    }


def whole_task(task: Task, attempts: Sequence[Attempt]) -> dict[str, Any]:
    """The task, the attempts that failed or lost their lease, oldest first, and its timeline."""
    return {
        **task_body(task),
        "attempts": [_attempt(attempt) for attempt in attempts],
        "timeline": [
            {"at": rfc_3339(event.at), "event": event.what, "detail": event.detail}
            for event in timeline(task, attempts)
        ],
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
