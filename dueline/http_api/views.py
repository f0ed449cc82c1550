"""What the API does: one function per route, (Request, Services) → Response.

An error is raised, as one of domain/errors.py; answer.py makes it a problem.
"""

import re

from dueline.clock import SYNC_EVERY
from dueline.domain.errors import InvalidRequest
from dueline.http_api.exchange import Request, Response
from dueline.http_api.new_task import new_task
from dueline.http_api.requests import decode_schedule
from dueline.http_api.responses import accepted, json_response, stats_body, task_body
from dueline.http_api.services import Services
from dueline.usecases.accept_tasks import accept_tasks

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)


def schedule_task(request: Request, services: Services) -> Response:
    """POST /schedule: 201 once the task is committed."""
    body = decode_schedule(request.body)
    settings, clock = services.settings(), services.clock()
    clock.sync(older_than=SYNC_EVERY)
    now = clock.now()
    task = new_task(body, now=now, settings=settings, handlers=services.handlers())
    accept_tasks(
        [task],
        store=services.task_store(),
        buffer=services.due_buffer(),
        now=now,
        settings=settings,
    )
    location = f"{request.base_path}/tasks/{task.id}"
    return json_response(accepted(task), status=201, headers={"Location": location})


def read_task(request: Request, services: Services) -> Response:
    """GET /tasks/{task_id}: everything that is known of a task."""
    task_id = request.path_parameters.get("task_id", "")
    store = services.task_store()
    task = store.get(task_id.lower()) if _UUID.fullmatch(task_id) else None
    if task is None:
        raise InvalidRequest(
            "No task has this id; the answer to POST /schedule names the id of the new task.",
            code="TASK_NOT_FOUND",
        )
    return json_response(task_body(task, store.attempts(task.id)))


def read_stats(request: Request, services: Services) -> Response:  # noqa: ARG001
    """GET /stats: how many tasks are in each status."""
    return json_response(stats_body(services.task_store().count_by_status()))
