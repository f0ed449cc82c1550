"""What the API does with all tasks that fit a filter: (Request, Services) → Response."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from uuid import UUID

from dueline.clock import SYNC_EVERY
from dueline.domain.errors import InvalidRequest
from dueline.domain.task_edit import TaskEdit
from dueline.domain.tasks import TaskStatus
from dueline.http_api.exchange import Request, Response
from dueline.http_api.instants import read_instant
from dueline.http_api.page_tokens import page_token, read_page_token
from dueline.http_api.responses import json_response
from dueline.http_api.services import Services
from dueline.http_api.task_requests import (
    BulkBody,
    FilterFields,
    decode_bulk,
    decode_reschedule,
    task_filter,
)
from dueline.usecases.change_in_bulk import BulkProgress, change_in_bulk
from dueline.usecases.edit_tasks import edit_tasks
from dueline.usecases.retry_tasks import retry_tasks

LONGEST = timedelta(seconds=10)  # then an answer says how far it came; a gateway waits 29 s

_WAITING = frozenset({TaskStatus.PENDING, TaskStatus.QUEUED})
_OUTCOMES = {TaskStatus.CANCELLED: "cancelled", TaskStatus.RUNNING: "cancel_requested"}

Change = Callable[[Sequence[str]], Mapping[str, int]]


def cancel_tasks(request: Request, services: Services) -> Response:
    """POST /tasks/cancel: as POST /tasks/{task_id}/cancel, of all that fit."""
    now, store = _now(services), services.task_store()

    def change(ids: Sequence[str]) -> Mapping[str, int]:
        changed = store.cancel(request.caller.tenant, ids, now=now)
        return Counter(_OUTCOMES[status] for status in changed.values())

    body = decode_bulk(request.body)
    return _worked_off("cancel", body, _WAITING | {TaskStatus.RUNNING}, change, request, services)


def retry_tasks_in_bulk(request: Request, services: Services) -> Response:
    """POST /tasks/retry: as POST /tasks/{task_id}/retry, of all that fit."""
    now = _now(services)

    def change(ids: Sequence[str]) -> Mapping[str, int]:
        again = retry_tasks(
            request.caller.tenant,
            ids,
            store=services.task_store(),
            buffer=services.due_buffer(),
            now=now,
            settings=services.settings(),
        )
        return {"retried": len(again)}

    body = decode_bulk(request.body)
    return _worked_off("retry", body, {TaskStatus.FAILED}, change, request, services)


def reschedule_tasks(request: Request, services: Services) -> Response:
    """POST /tasks/reschedule: another execute_at for all that fit and wait."""
    now, body = _now(services), decode_reschedule(request.body)
    edit = TaskEdit(execute_at=read_instant(body.execute_at, "/execute_at"))

    def change(ids: Sequence[str]) -> Mapping[str, int]:
        edited = edit_tasks(
            request.caller.tenant,
            dict.fromkeys(ids),
            edit,
            store=services.task_store(),
            buffer=services.due_buffer(),
            now=now,
            settings=services.settings(),
        )
        return {"rescheduled": len(edited)}

    what = f"reschedule {body.execute_at}"
    return _worked_off(what, body, _WAITING, change, request, services)


def _worked_off(
    what: str,
    body: BulkBody,
    statuses: frozenset[TaskStatus] | set[TaskStatus],
    change: Change,
    request: Request,
    services: Services,
) -> Response:
    """Work on the tasks of these statuses that fit, for a while; then say how far that came."""
    which = task_filter(body.filter, request.caller, code="INVALID_FIELD", at="/filter")
    which = replace(which, statuses=which.statuses & statuses)
    fields = [getattr(body.filter, name) for name in FilterFields.__struct_fields__]
    listing = f"{what} {body.dry_run} {fields}"
    until = services.clock().now() + LONGEST
    progress = change_in_bulk(
        request.caller.tenant,
        which,
        (lambda _: {}) if body.dry_run else change,
        store=services.task_store(),
        begun=_begun(body.page_token, listing),
        enough=lambda: services.clock().now() >= until,
    )
    token = None
    if progress.goes_on_at is not None:
        place = UUID(progress.goes_on_at)
        token = page_token(listing, (place, progress.fitting, progress.outcomes))
    return json_response(
        {
            "dry_run": body.dry_run,
            "fitting": progress.fitting,
            "outcomes": progress.outcomes,
            "done": token is None,
            "next_page_token": token,
        }
    )


def _begun(token: str | None, listing: str) -> BulkProgress:
    if token is None:
        return BulkProgress(0, {}, None)
    try:
        place, fitting, outcomes = read_page_token(token, listing, tuple[UUID, int, dict[str, int]])
    except InvalidRequest as error:
        raise InvalidRequest(error.detail, code="INVALID_FIELD", pointer="/page_token") from error
    return BulkProgress(fitting, outcomes, str(place))


def _now(services: Services) -> datetime:
    clock = services.clock()
    clock.sync(older_than=SYNC_EVERY)
    return clock.now()
