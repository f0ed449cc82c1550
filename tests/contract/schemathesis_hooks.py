"""What schemathesis cannot know by itself: NDJSON, and what there is.

Half of the types, rules and names that it makes up are replaced by some that exist, so that
requests get beyond the first check. What it broke on purpose (a wrong kind) stays broken.
"""

import json
from typing import Any

import schemathesis

# What a test puts there to be found: enough that some are left after others were deleted.
TASKS = tuple(f"01900000-0000-7000-8000-0000000000{number:02x}" for number in range(64))
SCHEDULES = tuple(f"nightly-{number}" for number in range(16))
HOUR = 3_600
KNOWN = {
    "type": ("email", "report"),
    "queue": ("default",),
    "cron": ("30 2 * * *", "0 0 L * *", "0 12 1 1 *", "0 30 4 * * MON#2"),
    "rrule": ("FREQ=DAILY", "FREQ=MONTHLY;BYDAY=-1FR"),
    "timezone": ("Europe/Berlin", "UTC", "Australia/Lord_Howe"),
    "exclude": ("2026-12-24", "* 12 * * *"),
    "at": ("2027-01-01T01:30:00Z", "2026-06-02T02:30:00"),
    "until": ("2100-01-01T00:00:00Z",),
    "start": ("2026-05-01T00:00:00Z",),
    "end": ("2026-05-03T00:00:00Z",),
    "starts_at": ("2026-01-01T00:00:00Z",),
    "ends_at": ("2090-01-01T00:00:00Z",),
}


@schemathesis.serializer("application/x-ndjson")
def one_line(context: Any, value: Any) -> bytes:
    """A batch of one task: the document's schema is that of a line."""
    return json.dumps(value).encode()


@schemathesis.hook
def map_body(context: Any, body: Any) -> Any:
    if isinstance(body, dict) and isinstance(body.get("tasks"), list):
        return {**body, "tasks": [_known(task) for task in body["tasks"]]}
    return _known(body)


@schemathesis.hook
def map_query(context: Any, query: Any) -> Any:
    return _known(query)


@schemathesis.hook
def map_path_parameters(context: Any, path_parameters: Any) -> Any:
    if not path_parameters:
        return path_parameters
    known = {"task_id": TASKS, "schedule": SCHEDULES}
    return {name: _chosen(value, known.get(name, ())) for name, value in path_parameters.items()}


def _known(values: Any) -> Any:
    if not isinstance(values, dict):
        return values
    chosen = {name: _chosen(value, KNOWN.get(name, ())) for name, value in values.items()}
    return {**chosen, **_unhurried(values.get("every"))}


def _unhurried(every: Any) -> dict[str, int]:
    """Hours instead of seconds: hundreds of schedules that run each second would take the whole
    machine. What is too small to be accepted stays so."""
    is_quick = type(every) is int and 1 <= every < HOUR
    return {"every": every + HOUR} if is_quick else {}


def _chosen(value: Any, known: tuple[str, ...]) -> Any:
    """One that is known, for half of the texts; always the same for the same text."""
    if not known or not isinstance(value, str) or (turn := sum(value.encode())) % 2:
        return value
    return known[turn // 2 % len(known)]
