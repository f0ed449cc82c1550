"""The bodies of answers about schedules."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from dueline.domain.recurrence import describe, warnings
from dueline.domain.schedules import Schedule, recurrence_of
from dueline.domain.tasks import Task
from dueline.domain.upcoming import next_runs
from dueline.http_api.instants import rfc_3339, rfc_3339_or_null
from dueline.http_api.new_schedule import definition
from dueline.http_api.responses import milliseconds

RUNS_SHOWN = 5
TASKS_AHEAD = 50  # of a schedule's tasks, looked at for what was skipped by hand


def accepted_schedule(schedule: Schedule, now: datetime) -> dict[str, Any]:
    """The answer to POST /schedule with a recurrence. `scheduled` is its word for `active`."""
    rule = recurrence_of(schedule)
    return {
        "schedule_id": schedule.id,
        "status": "scheduled",
        "name": schedule.name,
        "type": schedule.type,
        "queue": schedule.queue,
        "description": describe(rule),
        "next_runs": _runs(schedule, now, ()),
        "warnings": warnings(rule, now),
    }


def schedule_body(schedule: Schedule, now: datetime, made: Sequence[Task] = ()) -> dict[str, Any]:
    """A schedule in a list. `made`: its tasks of the time ahead, where they have been read."""
    pause = schedule.pause if schedule.is_paused(now) else None
    return {
        "schedule_id": schedule.id,
        "name": schedule.name,
        "status": _status(schedule, now),
        "description": describe(recurrence_of(schedule)),
        "next_runs": _runs(schedule, now, made),
        "pause": pause
        and {
            "since": rfc_3339(pause.at),
            "until": rfc_3339_or_null(pause.until),
            "note": pause.note,
        },
        "created_at": rfc_3339(schedule.created_at),
        "updated_at": rfc_3339(schedule.updated_at),
        "version": schedule.version,
        "definition": definition(schedule),
    }


def whole_schedule(schedule: Schedule, now: datetime, made: Sequence[Task]) -> dict[str, Any]:
    """A schedule that is read by itself."""
    rule = recurrence_of(schedule)
    return {**schedule_body(schedule, now, made), "warnings": warnings(rule, now)}


def occurrence_body(task: Task) -> dict[str, Any]:
    """What became of one occurrence, or is to become of it."""
    return {
        "task_id": task.id,
        "occurrence_at": rfc_3339_or_null(task.occurrence_at),
        "status": task.status,
        "execute_at": rfc_3339(task.execute_at),
        "due_at": rfc_3339(task.due_at),
        "started_at": rfc_3339_or_null(task.first_started_at),
        "finished_at": rfc_3339_or_null(task.finished_at),
        "lateness_ms": None if task.lateness is None else milliseconds(task.lateness),
        "attempt": task.attempt,
        "error": task.error,
    }


def _runs(schedule: Schedule, now: datetime, made: Sequence[Task]) -> list[str]:
    runs = next_runs(schedule, now, limit=RUNS_SHOWN, made=made)
    return [rfc_3339(at) for at in runs]


def _status(schedule: Schedule, now: datetime) -> str:
    if schedule.is_paused(now):
        return "paused"
    return "ended" if schedule.next_at is None else "active"
