"""The document's entries of tasks that are there: lists, and what is done to one."""

from collections.abc import Mapping
from types import MappingProxyType

from dueline.http_api.bodies import Task
from dueline.http_api.openapi.operation import Answer, Operation
from dueline.http_api.task_bodies import Bulk, CalledOff, Explanation, TaskList
from dueline.http_api.task_requests import BulkBody, EditBody, RescheduleBody, TaskQuery

_OF_A_CHANGE = ("TASK_CONFLICT", "TASK_CHANGED")
_ETAG = {"ETag": "Of the task as it is now"}
_IF_MATCH = {"If-Match": "The ETag of the task as you saw it: 412 if it is no longer so"}


def _cancel(summary: str) -> Operation:
    return Operation(
        summary=summary,
        answers={
            200: Answer(meaning="It is cancelled, and never starts (again)", model=CalledOff),
            202: Answer(meaning="It runs; its handler can see it was called off", model=CalledOff),
        },
        problems=_OF_A_CHANGE,
    )


def _bulk(summary: str, body: type[BulkBody]) -> Operation:
    return Operation(
        summary=summary,
        body=body,
        answers={200: Answer(meaning="How far that came; go on unless `done`", model=Bulk)},
        problems=("INVALID_TIME",),
    )


ONE_TASK_OPERATIONS: Mapping[tuple[str, str], Operation] = MappingProxyType(
    {
        ("GET", "/tasks"): Operation(
            summary="List tasks by a filter, the newest first",
            query=TaskQuery,
            answers={200: Answer(meaning="A page of them", model=TaskList)},
            problems=("INVALID_PARAMETER", "INVALID_PAGE_TOKEN", "INVALID_TIME"),
        ),
        ("POST", "/tasks/cancel"): _bulk("Cancel all tasks that fit", BulkBody),
        ("POST", "/tasks/retry"): _bulk("Try all failed tasks that fit again", BulkBody),
        ("POST", "/tasks/reschedule"): _bulk("Move all waiting tasks that fit", RescheduleBody),
        ("GET", "/tasks/{task_id}"): Operation(
            summary="Read a task",
            headers={"If-None-Match": "The ETag of what you have"},
            answers={
                200: Answer(meaning="Everything that is known of it", model=Task, headers=_ETAG),
                304: Answer(meaning="It is what you have", headers=_ETAG),
            },
        ),
        ("PATCH", "/tasks/{task_id}"): Operation(
            summary="Change a task that waits",
            body=EditBody,
            examples={"another time": {"execute_at": "2030-01-01T10:00:00Z"}},
            headers=_IF_MATCH,
            answers={200: Answer(meaning="The task now", model=Task, headers=_ETAG)},
            problems=(
                *_OF_A_CHANGE,
                "PRECONDITION_FAILED",
                "INVALID_TIME",
                "UNKNOWN_QUEUE",
                "UNKNOWN_TYPE",
            ),
        ),
        ("DELETE", "/tasks/{task_id}"): _cancel("Cancel a task; its row stays"),
        ("POST", "/tasks/{task_id}/cancel"): _cancel("Cancel a task"),
        ("POST", "/tasks/{task_id}/retry"): Operation(
            summary="Try a failed task again",
            answers={200: Answer(meaning="The task now: pending", model=Task, headers=_ETAG)},
            problems=_OF_A_CHANGE,
        ),
        ("POST", "/tasks/{task_id}/run"): Operation(
            summary="Run a task that waits now",
            headers=_IF_MATCH,
            answers={200: Answer(meaning="The task now: due", model=Task, headers=_ETAG)},
            problems=(*_OF_A_CHANGE, "PRECONDITION_FAILED"),
        ),
        ("GET", "/tasks/{task_id}/explain"): Operation(
            summary="Why a task ran late, twice or not at all",
            answers={200: Answer(meaning="In words", model=Explanation)},
        ),
    }
)
