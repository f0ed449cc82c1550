"""What the API does with many tasks: (Request, Services) → Response."""

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

from dueline.clock import SYNC_EVERY
from dueline.domain.errors import InvalidRequest
from dueline.domain.ids import new_task_ids
from dueline.domain.task_filter import TaskFilter
from dueline.domain.tasks import Task
from dueline.http_api.batch import Batch, read_batch
from dueline.http_api.decoding import decode_query
from dueline.http_api.exchange import Request, Response
from dueline.http_api.idempotency import accepted_once
from dueline.http_api.limits import check_quota
from dueline.http_api.new_schedule import recurs
from dueline.http_api.new_task import new_task
from dueline.http_api.page_tokens import page_token, read_page_token
from dueline.http_api.problems import problem
from dueline.http_api.requests import ScheduleBody
from dueline.http_api.responses import batch_body, json_response, task_body
from dueline.http_api.services import Services
from dueline.http_api.task_requests import MOST_ON_A_PAGE, FilterFields, TaskQuery, task_filter

MOST_ERRORS_SHOWN = 100
MOST_LIST_BYTES = 4 * 1024 * 1024  # of payloads, results and errors: an answer has at most 6 MB


def schedule_batch(request: Request, services: Services) -> Response:
    """POST /schedule/batch: 201 once all tasks are committed; 200 if some were refused."""
    with _no_collection():
        return _batch(request, services)


def _batch(request: Request, services: Services) -> Response:
    batch = read_batch(request)
    clock = services.clock()
    clock.sync(older_than=SYNC_EVERY)
    now = clock.now()
    judged = _judge(batch, request, services)
    tasks = [task for task in judged if isinstance(task, Task)]
    refused = len(judged) - len(tasks)
    if refused and batch.atomic:
        return _none_of(judged, refused, request)
    check_quota(request.caller, services, new=len(tasks))
    answer = json_response(batch_body(judged), status=200 if refused else 201)
    return accepted_once(tasks, answer, request, services, now) if tasks else answer


@contextmanager
def _no_collection() -> Iterator[None]:
    """While thousands of values are made that all stay, the garbage collector would look through
    them again and again, for a tenth of the whole time."""
    was_on = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_on:
            gc.enable()


def _judge(batch: Batch, request: Request, services: Services) -> list[Task | InvalidRequest]:
    """For each item the task that it asks for, or why it cannot be."""
    now, settings, handlers = services.clock().now(), services.settings(), services.handlers()

    def judged(task_id: str, item: ScheduleBody | InvalidRequest) -> Task | InvalidRequest:
        if isinstance(item, InvalidRequest):
            return item
        try:
            if recurs(item):
                return InvalidRequest(
                    "A batch holds tasks; send what recurs to POST /schedule.",
                    code="CONFLICTING_FIELDS",
                )
            if item.dedupe is not None:
                return InvalidRequest(
                    "A batch takes no dedupe keys; send such a task by itself.",
                    code="CONFLICTING_FIELDS",
                    pointer="/dedupe",
                )
            return new_task(
                item,
                task_id=task_id,
                caller=request.caller,
                now=now,
                settings=settings,
                handlers=handlers,
            )
        except InvalidRequest as error:
            return error

    ids = new_task_ids(len(batch.items), now)
    return [judged(task_id, item) for task_id, item in zip(ids, batch.items, strict=True)]


def _none_of(judged: list[Task | InvalidRequest], refused: int, request: Request) -> Response:
    errors: list[dict[str, Any]] = [
        {"pointer": f"/tasks/{index}{item.pointer}", "code": item.code, "detail": item.detail}
        for index, item in enumerate(judged)
        if isinstance(item, InvalidRequest)
    ]
    shown = min(refused, MOST_ERRORS_SHOWN)
    return problem(
        "BATCH_REFUSED",
        f"{refused:,} of {len(judged):,} tasks cannot be accepted, so none was stored: `errors` "
        f"names {'them' if shown == refused else f'the first {shown}'}. With atomic=false the "
        "others would be accepted.",
        request_id=request.request_id,
        errors=errors[:MOST_ERRORS_SHOWN],
    )


def list_tasks(request: Request, services: Services) -> Response:
    """GET /tasks: a page of those that fit a filter."""
    query = decode_query(request.query, TaskQuery)
    which = task_filter(query, request.caller)
    listing = f"tasks {[getattr(query, name) for name in FilterFields.__struct_fields__]}"
    page = services.task_store().list_tasks(
        request.caller.tenant,
        which,
        before=_before(query.page_token, listing, which),
        limit=min(query.page_size, MOST_ON_A_PAGE),
    )
    tasks = _within_an_answer(page.tasks)
    place = page.goes_on_at if len(tasks) == len(page.tasks) else which.place(tasks[-1])
    return json_response(
        {
            "tasks": [task_body(task) for task in tasks],
            "next_page_token": None if place is None else page_token(listing, (place,)),
        }
    )


def _before(token: str | None, listing: str, which: TaskFilter) -> str | None:
    """The place that a page token names."""
    if token is None:
        return None
    if which.schedule_id is None:
        return str(*read_page_token(token, listing, tuple[UUID]))
    [instant] = read_page_token(token, listing, tuple[datetime])
    return instant.isoformat(timespec="microseconds")


def _within_an_answer(tasks: Sequence[Task]) -> Sequence[Task]:
    """As many of them as one answer holds; at least one."""
    room = MOST_LIST_BYTES
    for count, task in enumerate(tasks):
        room -= len(task.payload) + len(task.result or "") + len(task.error or "")
        if room < 0 and count:
            return tasks[:count]
    return tasks
