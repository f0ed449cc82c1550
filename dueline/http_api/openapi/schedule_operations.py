"""The document's entries of what recurs."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, get_type_hints

import msgspec

from dueline.http_api.openapi.operation import Answer, Operation
from dueline.http_api.requests import ScheduleBody
from dueline.http_api.schedule_bodies import (
    AcceptedSchedule,
    Backfill,
    Occurrence,
    Preview,
    Schedule,
    ScheduleExplanation,
    SchedulePage,
)
from dueline.http_api.schedule_requests import (
    BackfillBody,
    ExplainQuery,
    OccurrenceBody,
    PauseBody,
    PreviewBody,
    ResumeBody,
    RunBody,
    ScheduleQuery,
    SkipBody,
)

_ETAG = {"ETag": "The schedule's version, for If-Match"}
_CONDITION = {"If-Match": "Change it only if this is still its ETag; else 412"}
_EITHER = {**_CONDITION, "If-None-Match": "`*`: make it only if there is none; else 412"}
_CHANGED = ("SCHEDULE_CHANGED", "PRECONDITION_FAILED")
_DEFINITION = (
    "CONFLICTING_FIELDS",
    "INVALID_TIME",
    "INVALID_DURATION",
    "INVALID_RECURRENCE",
    "UNKNOWN_TYPE",
    "UNKNOWN_QUEUE",
)
# A merge patch (RFC 7396) of its definition: any of its fields, none of them required.
SchedulePatch = msgspec.defstruct(
    "SchedulePatch",
    [
        (name, Any if name == "payload" else kind | None, None)
        for name, kind in get_type_hints(ScheduleBody, include_extras=True).items()
    ],
    forbid_unknown_fields=True,
    kw_only=True,
)

SCHEDULE_OPERATIONS: Mapping[tuple[str, str], Operation] = MappingProxyType(
    {
        ("POST", "/schedules/preview"): Operation(
            summary="Say what a rule means; store nothing",
            body=PreviewBody,
            examples={"nightly": {"cron": "30 2 * * *", "timezone": "Europe/Berlin", "count": 3}},
            answers={200: Answer(meaning="Its runs, in words and in time", model=Preview)},
            problems=("INVALID_RECURRENCE", "INVALID_TIME"),
        ),
        ("GET", "/schedules"): Operation(
            summary="List schedules, newest first",
            query=ScheduleQuery,
            answers={200: Answer(meaning="A page of them", model=SchedulePage)},
            problems=("INVALID_PAGE_TOKEN",),
        ),
        ("GET", "/schedules/{schedule}"): Operation(
            summary="Read a schedule",
            answers={200: Answer(meaning="The schedule", model=Schedule, headers=_ETAG)},
        ),
        ("PUT", "/schedules/{schedule}"): Operation(
            summary="Make a schedule of this name, or make it so",
            body=ScheduleBody,
            headers=_EITHER,
            answers={
                200: Answer(meaning="It is as the body says", model=Schedule, headers=_ETAG),
                201: Answer(
                    meaning="It is made",
                    model=AcceptedSchedule,
                    headers={**_ETAG, "Location": "Where it can be read"},
                ),
            },
            problems=(*_DEFINITION, *_CHANGED),
        ),
        ("PATCH", "/schedules/{schedule}"): Operation(
            summary="Change some fields of a schedule",
            body=SchedulePatch,
            examples={"another time": {"cron": "0 10 * * *"}},
            headers=_CONDITION,
            answers={200: Answer(meaning="It is changed", model=Schedule, headers=_ETAG)},
            problems=(*_DEFINITION, *_CHANGED),
        ),
        ("DELETE", "/schedules/{schedule}"): Operation(
            summary="Delete a schedule; what waits of its occurrences is cancelled",
            headers=_CONDITION,
            answers={204: Answer(meaning="It is gone; its tasks stay")},
            problems=_CHANGED,
        ),
        ("GET", "/schedules/{schedule}/explain"): Operation(
            summary="Say why an instant ran late, twice or not at all",
            query=ExplainQuery,
            answers={200: Answer(meaning="In words, from the rows", model=ScheduleExplanation)},
        ),
        ("POST", "/schedules/{schedule}/pause"): Operation(
            summary="Run nothing of it, until then or until it is resumed",
            body=PauseBody,
            body_required=False,
            headers=_CONDITION,
            answers={200: Answer(meaning="It is paused", model=Schedule, headers=_ETAG)},
            problems=("INVALID_TIME", *_CHANGED),
        ),
        ("POST", "/schedules/{schedule}/resume"): Operation(
            summary="End its pause: from now on, or as if there had been none",
            body=ResumeBody,
            body_required=False,
            headers=_CONDITION,
            answers={200: Answer(meaning="It is active", model=Schedule, headers=_ETAG)},
            problems=_CHANGED,
        ),
        ("POST", "/schedules/{schedule}/run"): Operation(
            summary="Make one more occurrence, at once",
            body=RunBody,
            body_required=False,
            answers={
                201: Answer(
                    meaning="It is committed",
                    model=Occurrence,
                    headers={"Location": "Where the task can be read"},
                )
            },
        ),
        ("POST", "/schedules/{schedule}/backfill"): Operation(
            summary="Run what has no task of a past range, or count it",
            body=BackfillBody,
            examples={
                "count them": {
                    "start": "2026-05-01T00:00:00Z",
                    "end": "2026-05-02T00:00:00Z",
                    "dry_run": True,
                }
            },
            answers={
                200: Answer(meaning="Dry: nothing is stored", model=Backfill),
                201: Answer(meaning="They are committed", model=Backfill),
            },
            problems=("INVALID_TIME", "INVALID_DURATION", "RANGE_TOO_LARGE"),
        ),
        ("POST", "/schedules/{schedule}/skip"): Operation(
            summary="Leave one occurrence out",
            body=SkipBody,
            answers={200: Answer(meaning="It will not run", model=Occurrence)},
            problems=("INVALID_TIME", "NOT_AN_OCCURRENCE", "OCCURRENCE_CONFLICT"),
        ),
        ("POST", "/schedules/{schedule}/unskip"): Operation(
            summary="Undo a skip; where its time has passed, it runs at once",
            body=OccurrenceBody,
            answers={200: Answer(meaning="It will run", model=Schedule, headers=_ETAG)},
            problems=("INVALID_TIME", "NOT_AN_OCCURRENCE", "OCCURRENCE_CONFLICT"),
        ),
    }
)
