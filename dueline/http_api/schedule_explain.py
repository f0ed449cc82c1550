"""GET /schedules/{schedule}/explain."""

from datetime import datetime
from zoneinfo import ZoneInfo

from dueline.domain.explanation import explain
from dueline.domain.recurrence.dst import transition_at
from dueline.domain.schedules import recurrence_of, rule_spec
from dueline.http_api.decoding import decode_query
from dueline.http_api.exchange import Request, Response
from dueline.http_api.instants import rfc_3339, rfc_3339_or_null
from dueline.http_api.local_instants import read_local_instant
from dueline.http_api.responses import json_response
from dueline.http_api.schedule_requests import ExplainQuery
from dueline.http_api.schedule_responses import occurrence_body
from dueline.http_api.schedule_views import time_of, wanted_schedule
from dueline.http_api.services import Services

TASKS_AROUND = 20  # on each side: enough for a fold and for what was run by hand


def explain_schedule(request: Request, services: Services) -> Response:
    """GET /schedules/{schedule}/explain?at=: why that instant ran late, twice or not at all."""
    asked = decode_query(request.query, ExplainQuery).at
    schedule = wanted_schedule(request, services)
    timezone = rule_spec(schedule).get("timezone")
    at = read_local_instant(asked, "/at", timezone, code="INVALID_PARAMETER")
    around = services.schedule_store().occurrences(
        schedule.tenant, schedule.id, at=at, before=TASKS_AROUND, after=TASKS_AROUND
    )
    tried = [task for task in around if task.occurrence_at == at and task.attempt > 1]
    attempts = [
        each for task in tried for each in services.task_store().attempts(task.tenant, task.id)
    ]
    now = time_of(services)
    found = explain(schedule, at, now=now, around=around, attempts=attempts)
    zone = recurrence_of(schedule).zone
    return json_response(
        {
            "at": rfc_3339(at),
            "local": at.astimezone(zone).isoformat(),
            "verdict": found.verdict,
            "reasons": [*_jumped_over(asked, zone), *found.reasons],
            "tasks": [occurrence_body(task) for task in found.tasks],
            "next_at": rfc_3339_or_null(found.next_at),
        }
    )


def _jumped_over(asked: str, zone: ZoneInfo) -> list[str]:
    """Whether the time that was asked for, without an offset, is one that the clock skips."""
    reading = datetime.fromisoformat(asked)
    gap = transition_at(zone, reading) if reading.tzinfo is None else None
    if gap is None or not gap.is_gap:
        return []
    jumped = f"The clock in {zone.key} jumped from {gap.first_reading} to {gap.end_reading}"
    return [f"{jumped}: there was no such time. This is about the first instant after it."]
