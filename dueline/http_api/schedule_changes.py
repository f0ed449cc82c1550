"""What a request changes of a schedule. Pure."""

import json
from dataclasses import replace
from typing import Any

import msgspec

from dueline.domain.errors import InvalidRequest
from dueline.domain.schedules import Schedule
from dueline.http_api.json_limits import checked_text
from dueline.http_api.new_schedule import definition
from dueline.http_api.requests import ScheduleBody, decode_schedule
from dueline.http_api.rule_body import PATTERN_FIELDS


def patched_body(schedule: Schedule, patch: bytes) -> ScheduleBody:
    """The body that PUT would be sent to have `patch` applied: its fields instead of those that
    the schedule has, each as a whole; null puts back what is right without the field.

    Of cron, every, rrule and instants a new one takes the place of the old. Raises InvalidRequest.
    """
    try:
        given = msgspec.json.decode(checked_text(patch), type=dict[str, msgspec.Raw])
    except msgspec.ValidationError as error:
        raise InvalidRequest(
            "The body: want an object of the fields to change.", code="INVALID_FIELD"
        ) from error
    patterns = [name for name in PATTERN_FIELDS if name in given and bytes(given[name]) != b"null"]
    kept = {
        name: value
        for name, value in definition(schedule).items()
        if not (patterns and name in PATTERN_FIELDS)
    }
    return decode_schedule(msgspec.json.encode({**kept, **given}))


def redefined(seen: Schedule, made: Schedule) -> Schedule:
    """`seen` under the definition of `made`; itself if that says the same.

    It stays the same schedule: id, name, age, pause and progress are as they were.
    """
    new = replace(
        seen,
        rule=made.rule,
        type=made.type,
        queue=made.queue,
        payload=made.payload,
        tags=made.tags,
        retry=made.retry,
        timeout=made.timeout,
        missed=made.missed,
        overlap=made.overlap,
        pause_after_failures=made.pause_after_failures,
    )
    return seen if _plain(new) == _plain(seen) else new


def _plain(schedule: Schedule) -> Any:
    """The definition as values, however its JSON is spelt."""
    return json.loads(msgspec.json.encode(definition(schedule)))
