"""What is done to one task: (Request, Services) → Response."""

import re
from collections.abc import Mapping
from datetime import datetime

from msgspec import UNSET

from dueline.clock import SYNC_EVERY
from dueline.domain.errors import InvalidRequest
from dueline.domain.task_edit import TaskEdit
from dueline.domain.tasks import Task, TaskStatus
from dueline.http_api.etags import check_preconditions, etag, is_known
from dueline.http_api.exchange import Request, Response
from dueline.http_api.instants import read_instant, rfc_3339_or_null
from dueline.http_api.new_task import (
    check_end_of_retries,
    check_expiry,
    check_queue,
    check_type,
)
from dueline.http_api.responses import json_response, whole_task
from dueline.http_api.services import Services
from dueline.http_api.task_explain import explanation
from dueline.http_api.task_requests import EditBody, decode_edit
from dueline.usecases.edit_tasks import edit_tasks
from dueline.usecases.retry_tasks import retry_tasks

TRIES = 3  # to change what others change at the same time

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_WAITING = frozenset({TaskStatus.PENDING, TaskStatus.QUEUED})
_INSTEAD: Mapping[TaskStatus, str] = {
    TaskStatus.RUNNING: "POST …/cancel asks its handler to stop",
    TaskStatus.FAILED: "POST …/retry has it tried again",
}


def read_task(request: Request, services: Services) -> Response:
    """GET /tasks/{task_id}: everything that is known of a task; 304 to who has it already."""
    task = wanted_task(request, services)
    if is_known(request, revision(task)):
        return Response(status=304, headers={"ETag": etag(revision(task))})
    return _shown(task, request, services)


def explain_task(request: Request, services: Services) -> Response:
    """GET /tasks/{task_id}/explain: why it ran late, twice or not at all, in words."""
    task = wanted_task(request, services)
    attempts = services.task_store().attempts(request.caller.tenant, task.id)
    words = explanation(task, attempts, now=_now(services), settings=services.settings())
    return json_response({"task_id": task.id, "status": task.status, "explanation": words})


def edit_task(request: Request, services: Services) -> Response:
    """PATCH /tasks/{task_id}: another time, payload or queue for a task that waits."""
    body = decode_edit(request.body)
    return _edited(body, request, services)


def run_task(request: Request, services: Services) -> Response:
    """POST /tasks/{task_id}/run: a task that waits is due now."""
    return _edited(None, request, services)


def cancel_task(request: Request, services: Services) -> Response:
    """POST /tasks/{task_id}/cancel: 200 if it is cancelled and never starts, 202 if it runs and
    its handler can see that it was called off."""
    now = _now(services)
    for _ in range(TRIES):
        task = wanted_task(request, services)
        if task.status is TaskStatus.CANCELLED:
            return _called_off(task, TaskStatus.CANCELLED)
        changed = services.task_store().cancel(request.caller.tenant, [task.id], now=now)
        if task.id in changed:
            return _called_off(task, changed[task.id])
        if task.status not in {*_WAITING, TaskStatus.RUNNING}:
            raise _conflict(task, "be cancelled")
    raise _in_other_hands()


def delete_task(request: Request, services: Services) -> Response:
    """DELETE /tasks/{task_id}: the same as cancel. The row stays: it is the record."""
    return cancel_task(request, services)


def retry_task(request: Request, services: Services) -> Response:
    """POST /tasks/{task_id}/retry: a failed task is tried once more, or as often as is left."""
    now = _now(services)
    task = wanted_task(request, services)
    again = retry_tasks(
        request.caller.tenant,
        [task.id],
        store=services.task_store(),
        buffer=services.due_buffer(),
        now=now,
        settings=services.settings(),
    )
    if not again:
        raise _conflict(wanted_task(request, services), "be retried: only what failed can")
    return _shown(wanted_task(request, services), request, services)


def wanted_task(request: Request, services: Services) -> Task:
    """The task that the path names. Raises InvalidRequest, also where it is not for this caller."""
    task_id = request.path_parameters.get("task_id", "")
    task = None
    if _UUID.fullmatch(task_id):
        task = services.task_store().get(request.caller.tenant, task_id.lower())
    if task is None or not request.caller.may_touch(task.type):
        raise InvalidRequest(
            "No task has this id; the answer to POST /schedule names the id of the new task.",
            code="TASK_NOT_FOUND",
        )
    return task


def revision(task: Task) -> str:
    """What changes whenever the task does, for its ETag."""
    asked = ".cancel_requested" if task.cancel_requested else ""
    return f"{task.fence}.{task.status}{asked}"


def _edited(body: EditBody | None, request: Request, services: Services) -> Response:
    """Change the task as the body says; without one, to run now."""
    now = _now(services)
    for _ in range(TRIES):
        task = wanted_task(request, services)
        check_preconditions(request, revision(task))
        if task.status not in _WAITING:
            raise _conflict(task, "be changed: only what waits can")
        edit = TaskEdit(execute_at=now) if body is None else _edit(body, task, services, now)
        if edit_tasks(
            request.caller.tenant,
            {task.id: task.fence},
            edit,
            store=services.task_store(),
            buffer=services.due_buffer(),
            now=now,
            settings=services.settings(),
        ):
            return _shown(wanted_task(request, services), request, services)
    raise _in_other_hands()


def _edit(body: EditBody, task: Task, services: Services, now: datetime) -> TaskEdit:
    execute_at = None
    if body.execute_at is not UNSET:
        execute_at = read_instant(body.execute_at, "/execute_at")
        check_end_of_retries(execute_at, task.retry)
        fix = "write an earlier time"
        check_expiry(task.expires_at, max(execute_at, now), "/execute_at", fix=fix)
    queue = None
    if body.queue is not UNSET:
        queue = body.queue
        check_queue(queue, services.settings())
        check_type(task.type, queue, services.settings(), services.handlers())
    payload = None if body.payload is UNSET else bytes(body.payload).decode()
    return TaskEdit(execute_at=execute_at, payload=payload, queue=queue)


def _shown(task: Task, request: Request, services: Services) -> Response:
    attempts = services.task_store().attempts(request.caller.tenant, task.id)
    headers = {"ETag": etag(revision(task))}
    return json_response(whole_task(task, attempts), headers=headers)


def _called_off(task: Task, status: TaskStatus) -> Response:
    if status is TaskStatus.CANCELLED:
        return json_response({"task_id": task.id, "outcome": "cancelled"})
    return json_response({"task_id": task.id, "outcome": "cancel_requested"}, status=202)


def _conflict(task: Task, what: str) -> InvalidRequest:
    since = f" since {rfc_3339_or_null(task.finished_at)}" if task.finished_at else ""
    instead = f" {_INSTEAD[task.status]}." if task.status in _INSTEAD else ""
    return InvalidRequest(
        f"The task is {task.status}{since}, and cannot {what}.{instead}", code="TASK_CONFLICT"
    )


def _in_other_hands() -> InvalidRequest:
    return InvalidRequest(
        "The task changed hands again and again while this request was at work; send it again.",
        code="TASK_CHANGED",
    )


def _now(services: Services) -> datetime:
    clock = services.clock()
    clock.sync(older_than=SYNC_EVERY)
    return clock.now()
