"""From the body of a request to a schedule, and back to what a request would say."""

import json
import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Any

import msgspec
from msgspec import UNSET

from dueline.config import Settings
from dueline.domain.callers import Caller
from dueline.domain.errors import InvalidRequest
from dueline.domain.ids import new_task_id
from dueline.domain.missed import Missed
from dueline.domain.overlap import Overlap
from dueline.domain.retry import RetryPolicy
from dueline.domain.schedules import NAME_PATTERN, Schedule, begun
from dueline.domain.schedules import rule_spec as stored_spec
from dueline.handler import Handler
from dueline.http_api.durations import read_duration
from dueline.http_api.new_task import new_task
from dueline.http_api.requests import MissedBody, ScheduleBody
from dueline.http_api.rule_body import RuleBody, has_pattern, rule_fields, rule_spec
from dueline.http_api.wording import shown

LONGEST_WITHIN = timedelta(days=366)
LONGEST_PACE = timedelta(days=1)

_UUID = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", re.IGNORECASE)
_TASKS_ONLY = {
    "dedupe": "a schedule has a name, and there is one of each",
    "execute_at": "starts_at says when a recurrence begins",
    "delay": "starts_at says when a recurrence begins",
    "expires_at": "ends_at says when a recurrence ends, missed.within what is too late",
}
_SCHEDULES_ONLY = (
    *RuleBody.__struct_fields__,
    *("name", "missed", "overlap", "pause_after_failures"),
)
_schedules_only = attrgetter(*_SCHEDULES_ONLY)
_NOTHING = (None,) * len(_SCHEDULES_ONLY)


def recurs(body: ScheduleBody) -> bool:
    """Whether a body asks for a recurrence. Raises InvalidRequest if it asks for half of one."""
    if _schedules_only(body) == _NOTHING:
        return False  # the usual case, thousands of times in a batch
    if has_pattern(body):
        return True
    for field in _SCHEDULES_ONLY:
        if getattr(body, field) is not None:
            raise InvalidRequest(
                f"{field} is for recurrences; add cron, every, rrule or instants, or leave it out.",
                code="CONFLICTING_FIELDS",
                pointer=f"/{field}",
            )
    return False


def new_schedule(
    body: ScheduleBody,
    *,
    caller: Caller,
    now: datetime,
    settings: Settings,
    handlers: Mapping[str, Handler],
    name: str | None = None,
) -> Schedule:
    """The schedule that a body asks for, of the caller's tenant, with its first instant.
    Raises InvalidRequest.

    `name` is the one that the path gives, if it gives one.
    """
    _refuse_fields_of_tasks(body)
    id_ = new_task_id(now)
    template = new_task(
        body, task_id=id_, caller=caller, now=now, settings=settings, handlers=handlers
    )
    schedule = Schedule(
        id=id_,
        tenant=template.tenant,
        name=_name(body.name, name),
        rule=json.dumps(rule_spec(body)),
        created_at=now,
        updated_at=now,
        type=template.type,
        queue=template.queue,
        payload=template.payload,
        tags=template.tags,
        retry=template.retry,
        timeout=template.timeout,
        missed=_missed(body.missed),
        overlap=body.overlap or Overlap.ALLOW,
        pause_after_failures=body.pause_after_failures,
        next_at=None,
    )
    return begun(schedule)


def is_id(text: str) -> bool:
    """Whether a path names a schedule by its id; else it is a name."""
    return _UUID.fullmatch(text) is not None


def could_be_a_name(text: str) -> bool:
    """Whether a schedule may be called that: it stands in paths, beside ids and `preview`."""
    return not is_id(text) and text != "preview" and re.fullmatch(NAME_PATTERN, text) is not None


def check_name(name: str, pointer: str) -> None:
    """Raises InvalidRequest for a name that a schedule cannot have."""
    if not could_be_a_name(name):
        raise InvalidRequest(
            f"{shown(name)} cannot be a name: want 1 to 128 letters, digits, dots, dashes or "
            "underscores, a letter or digit first; not a UUID, and not preview.",
            code="INVALID_FIELD",
            pointer=pointer,
        )


def definition(schedule: Schedule) -> dict[str, Any]:
    """What a request would send to make this schedule: new_schedule() the other way round."""
    name = {} if schedule.name is None else {"name": schedule.name}
    optional = {
        "tags": list(schedule.tags) or None,
        "timeout": None if schedule.timeout is None else schedule.timeout.total_seconds(),
        "pause_after_failures": schedule.pause_after_failures,
    }
    return {
        **name,
        "type": schedule.type,
        "queue": schedule.queue,
        "payload": msgspec.Raw(schedule.payload.encode()),
        **rule_fields(stored_spec(schedule)),
        "retry": _retry_fields(schedule.retry),
        "missed": {
            "policy": schedule.missed.policy,
            "within": _seconds(schedule.missed.within),
            "pace": _seconds(schedule.missed.pace),
        },
        "overlap": schedule.overlap,
        **{field: value for field, value in optional.items() if value is not None},
    }


def _refuse_fields_of_tasks(body: ScheduleBody) -> None:
    for field, instead in _TASKS_ONLY.items():
        if getattr(body, field) is not None:
            raise InvalidRequest(
                f"{field} is for single tasks; {instead}.",
                code="CONFLICTING_FIELDS",
                pointer=f"/{field}",
            )


def _name(in_body: str | None, in_path: str | None) -> str | None:
    if in_body is not None and in_path is not None and in_body != in_path:
        raise InvalidRequest(
            f"The path says {shown(in_path)}, the body {shown(in_body)}: a name never changes.",
            code="CONFLICTING_FIELDS",
            pointer="/name",
        )
    if in_body is not None:
        check_name(in_body, "/name")
    return in_path if in_body is None else in_body


def _missed(body: Any) -> Missed:
    if body is None:
        return Missed()
    if not isinstance(body, MissedBody):
        return Missed(policy=body)
    missed = Missed()
    if body.policy is not UNSET:
        missed = replace(missed, policy=body.policy)
    if body.within is not UNSET:
        within = body.within
        missed = replace(
            missed,
            within=None
            if within is None
            else read_duration(within, "/missed/within", most=LONGEST_WITHIN),
        )
    if body.pace is not UNSET:
        missed = replace(missed, pace=read_duration(body.pace, "/missed/pace", most=LONGEST_PACE))
    return missed


def _retry_fields(retry: RetryPolicy) -> dict[str, Any]:
    return {
        "max_attempts": retry.max_attempts,
        "backoff": retry.backoff,
        "base": _seconds(retry.base),
        "cap": _seconds(retry.cap),
        "jitter": retry.jitter,
        "max_age": _seconds(retry.max_age),
    }


def _seconds(length: timedelta | None) -> float | None:
    return None if length is None else length.total_seconds()
