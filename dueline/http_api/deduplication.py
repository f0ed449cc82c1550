"""Field `dedupe` of POST /schedule: what becomes of a task whose key another one holds."""

from datetime import datetime

from dueline.domain.errors import InvalidRequest
from dueline.domain.task_edit import TaskEdit
from dueline.domain.tasks import Task
from dueline.http_api.exchange import Request, Response
from dueline.http_api.requests import OnConflict
from dueline.http_api.responses import accepted, json_response
from dueline.http_api.services import Services
from dueline.usecases.edit_tasks import edit_tasks


def deduplicated(
    task: Task, on_conflict: OnConflict, request: Request, services: Services, now: datetime
) -> Response | None:
    """The answer in place of the new task, as `on_conflict` says; None: the key is free again.
    Raises InvalidRequest (DEDUPE_CONFLICT).
    """
    store, tenant = services.task_store(), request.caller.tenant
    task_id = store.unfinished(tenant, str(task.dedupe_key))
    holder = store.get(tenant, task_id) if task_id else None
    if holder is None:
        return None
    if on_conflict is OnConflict.REJECT or not request.caller.may_touch(holder.type):
        raise _conflict(holder, request, "")
    if on_conflict is OnConflict.RETURN:
        return json_response({**accepted(holder), "deduplicated": "returned"})
    if holder.type != task.type:
        raise _conflict(holder, request, f" It is of type {holder.type}, which never changes.")
    edited = edit_tasks(
        tenant,
        {holder.id: None},
        TaskEdit(execute_at=task.execute_at, payload=task.payload, queue=task.queue),
        store=store,
        buffer=services.due_buffer(),
        now=now,
        settings=services.settings(),
    )
    now_there = store.get(tenant, holder.id)
    if not edited or now_there is None:
        raise _conflict(holder, request, " It runs, and what runs is not replaced.")
    return json_response({**accepted(now_there), "deduplicated": "replaced"})


def _conflict(holder: Task, request: Request, why: str) -> InvalidRequest:
    which = f": {holder.id}" if request.caller.may_touch(holder.type) else ""
    return InvalidRequest(
        f"A task that has not ended has this dedupe key{which}.{why}",
        code="DEDUPE_CONFLICT",
        pointer="/dedupe/key",
    )
