"""Schedules: made, listed, read, changed, deleted."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from dueline.clock import SYNC_EVERY
from dueline.domain.callers import Scope
from dueline.domain.errors import InvalidRequest
from dueline.domain.schedules import Schedule, ScheduleChanged
from dueline.http_api.access import demand
from dueline.http_api.decoding import decode_query
from dueline.http_api.etags import check_preconditions, etag
from dueline.http_api.exchange import Request, Response
from dueline.http_api.new_schedule import (
    check_name,
    could_be_a_name,
    is_id,
    new_schedule,
)
from dueline.http_api.page_tokens import page_token, read_page_token
from dueline.http_api.requests import ScheduleBody, decode_schedule
from dueline.http_api.responses import json_response
from dueline.http_api.schedule_changes import patched_body, redefined
from dueline.http_api.schedule_requests import MOST_ON_A_PAGE, ScheduleQuery
from dueline.http_api.schedule_responses import (
    TASKS_AHEAD,
    accepted_schedule,
    schedule_body,
    whole_schedule,
)
from dueline.http_api.services import Services
from dueline.schedule_store.interface import ScheduleFilter
from dueline.usecases.add_schedule import add_schedule
from dueline.usecases.change_schedule import change_schedule

TRIES = 3  # to change what others change at the same time


def make_schedule(body: ScheduleBody, request: Request, services: Services) -> Response:
    """POST /schedule with a recurrence: 201 once the schedule is committed.

    The route asks for tasks:write, as of every body; a recurrence asks for schedules:write too.
    """
    demand(request.caller, Scope.SCHEDULES_WRITE)
    now = time_of(services)
    schedule = _new(body, request, services, now)
    if not _add(schedule, services, now):
        raise InvalidRequest(
            f'There is a schedule "{schedule.name}" already. PUT /schedules/{schedule.name} '
            "would change it.",
            code="SCHEDULE_EXISTS",
            pointer="/name",
        )
    return _made(schedule, request, now)


def list_schedules(request: Request, services: Services) -> Response:
    """GET /schedules: a page of them, newest first."""
    query = decode_query(request.query, ScheduleQuery)
    wanted = ScheduleFilter(
        type=query.type,
        queue=query.queue,
        tag=query.tag,
        name_prefix=query.name_prefix,
        paused=query.paused,
    )
    listing = f"schedules {wanted}"
    after = None
    if query.page_token is not None:
        after = str(*read_page_token(query.page_token, listing, tuple[UUID]))
    size = min(query.page_size, MOST_ON_A_PAGE)
    now = time_of(services)
    found = services.schedule_store().page(
        request.caller.tenant, now=now, wanted=wanted, after=after, limit=size + 1
    )
    page = found[:size]
    more = len(found) > size
    return json_response(
        {
            "schedules": [
                schedule_body(each, now) for each in page if request.caller.may_touch(each.type)
            ],
            "next_page_token": page_token(listing, (UUID(page[-1].id),)) if more else None,
        }
    )


def read_schedule(request: Request, services: Services) -> Response:
    """GET /schedules/{schedule}: by id or name."""
    return shown(wanted_schedule(request, services), services, time_of(services))


def put_schedule(request: Request, services: Services) -> Response:
    """PUT /schedules/{schedule}: make it, or make it so. A name that is new is made: 201."""
    body, given = decode_schedule(request.body), request.path_parameters.get("schedule", "")
    now = time_of(services)
    seen = find_schedule(request, services)
    if seen is not None:
        made = _new(body, request, services, now, name=seen.name)
        changed = changed_schedule(request, services, now, lambda seen: redefined(seen, made))
        return shown(changed, services, now)
    check_preconditions(request, None)
    if is_id(given):
        raise no_such_schedule()
    check_name(given, "")
    schedule = _new(body, request, services, now, name=given)
    if not _add(schedule, services, now):
        raise _in_other_hands()
    return _made(schedule, request, now)


def patch_schedule(request: Request, services: Services) -> Response:
    """PATCH /schedules/{schedule}: other values for the fields that the body names."""
    now = time_of(services)
    sent = request.body

    def change(seen: Schedule) -> Schedule:
        body = patched_body(seen, sent)
        return redefined(seen, _new(body, request, services, now, name=seen.name))

    return shown(changed_schedule(request, services, now, change), services, now)


def delete_schedule(request: Request, services: Services) -> Response:
    """DELETE /schedules/{schedule}: what waits of its occurrences is cancelled."""
    now = time_of(services)
    for _ in range(TRIES):
        seen = wanted_schedule(request, services)
        check_preconditions(request, seen.version)
        if services.schedule_store().delete(seen.tenant, seen.id, version=seen.version, now=now):
            return Response(status=204)
    raise _in_other_hands()


def changed_schedule(
    request: Request, services: Services, now: datetime, change: Callable[[Schedule], Schedule]
) -> Schedule:
    """The request's schedule, changed where its preconditions hold. Raises InvalidRequest."""
    for _ in range(TRIES):
        seen = wanted_schedule(request, services)
        check_preconditions(request, seen.version)
        if change(seen) is seen:
            return seen
        try:
            return change_schedule(
                seen,
                change,
                store=services.schedule_store(),
                buffer=services.due_buffer(),
                now=now,
                settings=services.settings(),
            )
        except ScheduleChanged:
            continue
    raise _in_other_hands()


def find_schedule(request: Request, services: Services) -> Schedule | None:
    """The schedule that the path names by id or name, if it is the caller's to see."""
    given, tenant = request.path_parameters.get("schedule", ""), request.caller.tenant
    store = services.schedule_store()
    found = None
    if is_id(given):
        found = store.get(tenant, given.lower())
    elif could_be_a_name(given):
        found = store.get_by_name(tenant, given)
    return found if found and request.caller.may_touch(found.type) else None


def wanted_schedule(request: Request, services: Services) -> Schedule:
    """As find_schedule(); raises InvalidRequest where there is none."""
    if (found := find_schedule(request, services)) is None:
        raise no_such_schedule()
    return found


def no_such_schedule() -> InvalidRequest:
    return InvalidRequest(
        "No schedule has this id or name; GET /schedules lists those that there are.",
        code="SCHEDULE_NOT_FOUND",
    )


def shown(schedule: Schedule, services: Services, now: datetime) -> Response:
    """200 with the whole schedule."""
    made = services.schedule_store().occurrences(
        schedule.tenant, schedule.id, at=now, before=0, after=TASKS_AHEAD
    )
    body = whole_schedule(schedule, now, made)
    return json_response(body, headers={"ETag": etag(schedule.version)})


def time_of(services: Services) -> datetime:
    """Now, by the database's clock."""
    clock = services.clock()
    clock.sync(older_than=SYNC_EVERY)
    return clock.now()


def _new(
    body: ScheduleBody,
    request: Request,
    services: Services,
    now: datetime,
    name: str | None = None,
) -> Schedule:
    return new_schedule(
        body,
        caller=request.caller,
        now=now,
        settings=services.settings(),
        handlers=services.handlers(),
        name=name,
    )


def _add(schedule: Schedule, services: Services, now: datetime) -> bool:
    return add_schedule(
        schedule,
        store=services.schedule_store(),
        buffer=services.due_buffer(),
        now=now,
        settings=services.settings(),
    )


def _made(schedule: Schedule, request: Request, now: datetime) -> Response:
    headers = {
        "Location": f"{request.base_path}/schedules/{schedule.id}",
        "ETag": etag(schedule.version),
    }
    return json_response(accepted_schedule(schedule, now), status=201, headers=headers)


def _in_other_hands() -> InvalidRequest:
    return InvalidRequest(
        "Others changed this schedule while the request was at work; send it again.",
        code="SCHEDULE_CHANGED",
    )
