"""What the API does: one function per route, (Request, Services) → Response.

An error is raised, as one of domain/errors.py; answer.py makes it a problem.
"""

from dueline.clock import SYNC_EVERY
from dueline.domain.errors import DedupeKeyTaken, InvalidRequest
from dueline.domain.ids import new_task_id
from dueline.http_api.deduplication import deduplicated
from dueline.http_api.exchange import Request, Response
from dueline.http_api.idempotency import accepted_once, idempotency_key
from dueline.http_api.limits import check_quota
from dueline.http_api.new_schedule import recurs
from dueline.http_api.new_task import new_task
from dueline.http_api.requests import OnConflict, decode_schedule
from dueline.http_api.responses import accepted, json_response
from dueline.http_api.schedule_views import make_schedule
from dueline.http_api.services import Services

TRIES = 3  # to take a dedupe key that others take at the same time


def schedule_task(request: Request, services: Services) -> Response:
    """POST /schedule: 201 once the task, or with a recurrence the schedule, is committed."""
    body = decode_schedule(request.body)
    if recurs(body):
        if idempotency_key(request) is not None:
            raise InvalidRequest(
                "Idempotency-Key is for tasks; give a recurrence a name and PUT it: that can be "
                "repeated.",
                code="CONFLICTING_FIELDS",
            )
        return make_schedule(body, request, services)
    settings, clock = services.settings(), services.clock()
    clock.sync(older_than=SYNC_EVERY)
    now = clock.now()
    task = new_task(
        body,
        task_id=new_task_id(now),
        caller=request.caller,
        now=now,
        settings=settings,
        handlers=services.handlers(),
    )
    check_quota(request.caller, services, new=1)
    location = f"{request.base_path}/tasks/{task.id}"
    answer = json_response(accepted(task), status=201, headers={"Location": location})
    if request.left is not None and body.dedupe is None and idempotency_key(request) is None:
        request.left.append(task)
        return answer
    for _ in range(TRIES):
        try:
            return accepted_once([task], lambda: answer, request, services, now)
        except DedupeKeyTaken:
            on_conflict = body.dedupe.on_conflict if body.dedupe else OnConflict.REJECT
            if instead := deduplicated(task, on_conflict, request, services, now):
                return instead
    raise InvalidRequest(
        "The dedupe key was taken and let go again and again while this request was at work; "
        "send it again.",
        code="TASK_CHANGED",
    )
