"""The document's entries of tasks."""

from collections.abc import Mapping
from types import MappingProxyType

from dueline.http_api.batch import BatchBody, BatchQuery
from dueline.http_api.bodies import Accepted
from dueline.http_api.openapi.one_task_operations import ONE_TASK_OPERATIONS
from dueline.http_api.openapi.operation import Answer, Operation
from dueline.http_api.requests import ScheduleBody
from dueline.http_api.schedule_bodies import AcceptedSchedule
from dueline.http_api.task_bodies import BatchAnswer

_ID = "019e807a-ec00-74cd-bcbf-8b21936182f2"
_AT = "2030-01-01T09:00:00.000000Z"
OF_A_NEW_TASK = (
    "CONFLICTING_FIELDS",
    "INVALID_TIME",
    "INVALID_DURATION",
    "UNKNOWN_TYPE",
    "UNKNOWN_QUEUE",
)
_KEY = {"Idempotency-Key": "Sent again with the same key and body, it is done once"}
_OF_A_KEY = ("INVALID_IDEMPOTENCY_KEY", "IDEMPOTENCY_KEY_REUSED", "IDEMPOTENCY_IN_FLIGHT")

TASK_OPERATIONS: Mapping[tuple[str, str], Operation] = MappingProxyType(
    {
        ("POST", "/schedule"): Operation(
            summary="Run a task at a time, or on a recurrence",
            body=ScheduleBody,
            examples={
                "at a time": {
                    "type": "email",
                    "payload": {"subject": "Welcome Email"},
                    "execute_at": "2030-01-01T09:00:00Z",
                },
                "after a delay": {"type": "email", "delay": "PT10S", "retry": {"max_attempts": 3}},
                "every minute": {
                    "type": "report",
                    "payload": {"format": "pdf"},
                    "cron": "* * * * *",
                },
            },
            answers={
                200: Answer(
                    meaning="Nothing was made: another task has the dedupe key", model=Accepted
                ),
                201: Answer(
                    meaning="Committed: it reaches exactly one final status",
                    model=(Accepted, AcceptedSchedule),
                    headers={"Location": "Where the task can be read"},
                    example={
                        "task_id": _ID,
                        "status": "scheduled",
                        "type": "email",
                        "queue": "default",
                        "execute_at": _AT,
                        "due_at": _AT,
                    },
                ),
            },
            headers=_KEY,
            problems=(
                *OF_A_NEW_TASK,
                *_OF_A_KEY,
                "DEDUPE_CONFLICT",
                "TASK_CHANGED",
                "INVALID_RECURRENCE",
                "SCHEDULE_EXISTS",
                "QUOTA_EXCEEDED",
            ),
        ),
        ("POST", "/schedule/batch"): Operation(
            summary="Run many tasks: all of them, or those that can be",
            body=BatchBody,
            line=ScheduleBody,
            examples={
                "two": {
                    "tasks": [{"type": "email"}, {"type": "email", "delay": 60}],
                    "atomic": True,
                }
            },
            query=BatchQuery,
            answers={
                200: Answer(
                    meaning="Some were refused, the others are committed", model=BatchAnswer
                ),
                201: Answer(meaning="All are committed", model=BatchAnswer),
            },
            headers=_KEY,
            problems=("CONFLICTING_FIELDS", "BATCH_REFUSED", "QUOTA_EXCEEDED", *_OF_A_KEY),
        ),
        **ONE_TASK_OPERATIONS,
    }
)
