"""What the API does with many tasks: (Request, Services) → Response."""

import gc
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from typing import Any
from uuid import UUID

from dueline.clock import SYNC_EVERY
from dueline.domain.errors import InvalidRequest
from dueline.domain.task_filter import TaskFilter
from dueline.domain.tasks import Task
from dueline.http_api.batch import read_batch
from dueline.http_api.decoding import decode_query
from dueline.http_api.exchange import Request, Response
from dueline.http_api.idempotency import accepted_once
from dueline.http_api.limits import check_quota
from dueline.http_api.new_tasks import ItemRefused, Judged, NewTasks, judging
from dueline.http_api.page_tokens import page_token, read_page_token
from dueline.http_api.problems import problem
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
    judgements = judging(
        batch,
        caller=request.caller,
        now=now,
        settings=services.settings(),
        handlers=services.handlers(),
    )
    if batch.atomic:
        return _all_or_none(NewTasks(judgements, len(batch.items)), request, services, now)
    return _those_that_can_be(list(judgements), request, services, now)


def _all_or_none(tasks: NewTasks, request: Request, services: Services, now: datetime) -> Response:
    check_quota(request.caller, services, new=len(tasks))
    try:
        return accepted_once(tasks, tasks.answer, request, services, now)
    except ItemRefused:
        return _none_of(tasks.judged(), request)


def _those_that_can_be(
    judged: Sequence[Judged], request: Request, services: Services, now: datetime
) -> Response:
    tasks = [task for task in judged if isinstance(task, Task)]
    check_quota(request.caller, services, new=len(tasks))
    answer = json_response(batch_body(judged), status=201 if len(tasks) == len(judged) else 200)
    return accepted_once(tasks, lambda: answer, request, services, now) if tasks else answer


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


def _none_of(judged: Sequence[Judged], request: Request) -> Response:
    errors: list[dict[str, Any]] = [
        {"pointer": f"/tasks/{index}{item.pointer}", "code": item.code, "detail": item.detail}
        for index, item in enumerate(judged)
        if isinstance(item, InvalidRequest)
    ]
    refused = len(errors)
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
