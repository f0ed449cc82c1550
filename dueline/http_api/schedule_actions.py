"""What is done to a schedule and to its single occurrences: POST /schedules/{schedule}/..."""

from datetime import datetime
from typing import Any

from msgspec import UNSET

from dueline.domain.errors import InvalidRequest
from dueline.domain.schedules import Schedule, paused, resumed, rule_spec
from dueline.domain.tasks import TaskStatus
from dueline.http_api.durations import read_duration
from dueline.http_api.exchange import Request, Response
from dueline.http_api.instants import rfc_3339
from dueline.http_api.local_instants import read_local_instant
from dueline.http_api.new_schedule import LONGEST_PACE
from dueline.http_api.responses import json_response
from dueline.http_api.schedule_requests import (
    backfill_decoder,
    pause_decoder,
    resume_decoder,
    run_decoder,
    skip_decoder,
    unskip_decoder,
)
from dueline.http_api.schedule_responses import occurrence_body
from dueline.http_api.schedule_views import (
    changed_schedule,
    no_such_schedule,
    shown,
    time_of,
    wanted_schedule,
)
from dueline.http_api.services import Services
from dueline.usecases import occurrences_by_hand

_NOTHING = b"{}"  # what a request without a body says


def pause_schedule(request: Request, services: Services) -> Response:
    """POST .../pause: nothing of it runs from now on, until then or until it is resumed."""
    body = pause_decoder.decode(request.body or _NOTHING)
    now = time_of(services)

    def change(seen: Schedule) -> Schedule:
        until = None
        if body.until is not None:
            until = _instant(body.until, "/until", seen)
            if until <= now:
                raise InvalidRequest(
                    "This pause would be over already; write a later time.",
                    code="INVALID_TIME",
                    pointer="/until",
                )
        since = seen.pause.at if seen.pause and seen.is_paused(now) else now
        return paused(seen, since, note=body.note, until=until)

    return shown(changed_schedule(request, services, now, change), services, now)


def resume_schedule(request: Request, services: Services) -> Response:
    """POST .../resume: from now on, or as if there had been no pause."""
    body = resume_decoder.decode(request.body or _NOTHING)
    now = time_of(services)

    def change(seen: Schedule) -> Schedule:
        return resumed(seen, now, from_pause=body.from_pause) if seen.is_paused(now) else seen

    return shown(changed_schedule(request, services, now, change), services, now)


def run_schedule(request: Request, services: Services) -> Response:
    """POST .../run: one more occurrence, at once. 201 once it is committed."""
    body = run_decoder.decode(request.body or _NOTHING)
    now = time_of(services)
    schedule = wanted_schedule(request, services)
    task = occurrences_by_hand.run_now(
        schedule,
        payload=None if body.payload is UNSET else bytes(body.payload).decode(),
        store=services.schedule_store(),
        buffer=services.due_buffer(),
        now=now,
        settings=services.settings(),
    )
    if task is None:
        raise no_such_schedule()
    location = f"{request.base_path}/tasks/{task.id}"
    return json_response(occurrence_body(task), status=201, headers={"Location": location})


def backfill_schedule(request: Request, services: Services) -> Response:
    """POST .../backfill: run what has no task of a past range; or, dry, only count it."""
    body = backfill_decoder.decode(request.body)
    now = time_of(services)
    schedule = wanted_schedule(request, services)
    start, end = _instant(body.start, "/start", schedule), _instant(body.end, "/end", schedule)
    pace = schedule.missed.pace
    if body.pace is not None:
        pace = read_duration(body.pace, "/pace", most=LONGEST_PACE)
    instants = occurrences_by_hand.backfill_instants(schedule, start, end)
    answer: dict[str, Any] = {
        "dry_run": body.dry_run,
        "instants": len(instants),
        "first": rfc_3339(instants[0]) if instants else None,
        "last": rfc_3339(instants[-1]) if instants else None,
    }
    if body.dry_run:
        return json_response(answer)
    answer["made"] = occurrences_by_hand.backfill(
        schedule,
        start,
        end,
        pace=pace,
        store=services.schedule_store(),
        buffer=services.due_buffer(),
        now=now,
        settings=services.settings(),
    )
    return json_response(answer, status=201)


def skip_occurrence(request: Request, services: Services) -> Response:
    """POST .../skip: the occurrence of that instant will not run."""
    body = skip_decoder.decode(request.body)
    now = time_of(services)
    schedule = wanted_schedule(request, services)
    at = _instant(body.at, "/at", schedule)
    task = occurrences_by_hand.skip_occurrence(
        schedule, at, note=body.note, store=services.schedule_store(), now=now
    )
    if task is None or task.status is not TaskStatus.SKIPPED:
        what = "has passed without a task" if task is None else f"is {task.status}"
        raise InvalidRequest(
            f"It is too late to skip the occurrence of {rfc_3339(at)}: it {what}.",
            code="OCCURRENCE_CONFLICT",
            pointer="/at",
        )
    return json_response(occurrence_body(task))


def unskip_occurrence(request: Request, services: Services) -> Response:
    """POST .../unskip: undo a skip; where its time has passed, it runs at once."""
    body = unskip_decoder.decode(request.body)
    now = time_of(services)
    schedule = wanted_schedule(request, services)
    at = _instant(body.at, "/at", schedule)
    undone = occurrences_by_hand.unskip_occurrence(
        schedule,
        at,
        store=services.schedule_store(),
        buffer=services.due_buffer(),
        now=now,
        settings=services.settings(),
    )
    if not undone:
        raise InvalidRequest(
            f"The occurrence of {rfc_3339(at)} was not skipped by hand.",
            code="OCCURRENCE_CONFLICT",
            pointer="/at",
        )
    return shown(schedule, services, now)


def _instant(text: str, pointer: str, schedule: Schedule) -> datetime:
    return read_local_instant(text, pointer, rule_spec(schedule).get("timezone"))
