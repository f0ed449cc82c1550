"""The bodies of answers about schedules; see bodies.py."""

from datetime import datetime
from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from dueline.domain.explanation import Verdict
from dueline.domain.tasks import TaskStatus

Instant = Annotated[datetime, Meta(tz=True)]
Id = Annotated[str, Meta(extra_json_schema={"format": "uuid"})]
NextRuns = Annotated[tuple[Instant, ...], Meta(description="The next five")]
Warnings = Annotated[tuple[str, ...], Meta(description="What may surprise")]
Description = Annotated[str, Meta(description="The rule in plain English")]


class AcceptedSchedule(Struct, frozen=True, kw_only=True):
    """A new schedule, committed: no occurrence of it is missed from now on."""

    schedule_id: Id
    status: Literal["scheduled"]
    name: str | None
    type: str
    queue: str
    description: Description
    next_runs: NextRuns
    warnings: Warnings


class Pause(Struct, frozen=True, kw_only=True):
    """Nothing of the schedule runs meanwhile."""

    since: Instant
    until: Annotated[Instant | None, Meta(description="null: until someone resumes it")]
    note: str | None


class Schedule(Struct, frozen=True, kw_only=True):
    """What recurs."""

    schedule_id: Id
    name: str | None
    status: Literal["active", "paused", "ended"]
    description: Description
    next_runs: NextRuns
    pause: Pause | None
    created_at: Instant
    updated_at: Instant
    version: Annotated[int, Meta(ge=1, description="Its ETag")]
    definition: Annotated[
        dict[str, Any], Meta(description="What a request would send to make this schedule")
    ]
    warnings: Annotated[
        tuple[str, ...] | UnsetType, Meta(description="What may surprise; not in a list")
    ] = UNSET


class SchedulePage(Struct, frozen=True, kw_only=True):
    """Some schedules, newest first."""

    schedules: tuple[Schedule, ...]
    next_page_token: Annotated[str | None, Meta(description="null: there are no more")]


class Occurrence(Struct, frozen=True, kw_only=True):
    """What became of one occurrence, or is to become of it."""

    task_id: Id
    occurrence_at: Instant | None
    status: TaskStatus
    execute_at: Instant
    due_at: Instant
    started_at: Instant | None
    finished_at: Instant | None
    lateness_ms: float | None
    attempt: Annotated[int, Meta(ge=0)]
    error: str | None


class Backfill(Struct, frozen=True, kw_only=True):
    """What a backfill made, or dry would make, of a past range."""

    dry_run: bool
    instants: Annotated[int, Meta(ge=0, description="How many the rule has in the range")]
    first: Instant | None
    last: Instant | None
    made: Annotated[
        int | UnsetType,
        Meta(description="Tasks that were made: fewer, where an instant had one already"),
    ] = UNSET


class PreviewRun(Struct, frozen=True, kw_only=True):
    """One run that a rule would make."""

    utc: Instant
    local: Annotated[datetime, Meta(tz=True, description="The same in the rule's time zone")]
    note: Annotated[
        Literal["dst_gap", "dst_fold", "jittered"] | None,
        Meta(description="Why it is not quite what the rule says at first sight"),
    ]


class Preview(Struct, frozen=True, kw_only=True):
    """What a rule means; nothing is stored."""

    runs: tuple[PreviewRun, ...]
    description: Description
    warnings: Warnings


class ScheduleExplanation(Struct, frozen=True, kw_only=True):
    """Why an instant of a schedule ran late, twice or not at all."""

    at: Instant
    local: Annotated[datetime, Meta(tz=True, description="The same in the schedule's time zone")]
    verdict: Verdict
    reasons: tuple[str, ...]
    tasks: tuple[Occurrence, ...]
    next_at: Instant | None
