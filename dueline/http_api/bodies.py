"""The bodies of answers, as their reader decodes them.

The one source of the document at /openapi.json and of what `dueline.client` returns. The views
write them as plain values; tests hold every answer to them.
"""

from datetime import datetime
from typing import Annotated, Any, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from dueline.domain.tasks import TaskStatus

Instant = Annotated[datetime, Meta(tz=True)]  # RFC 3339 in UTC, with microseconds
Id = Annotated[str, Meta(extra_json_schema={"format": "uuid"})]


class Accepted(Struct, frozen=True, kw_only=True):
    """A new task, committed: it reaches exactly one final status."""

    task_id: Id
    status: Literal["scheduled"]
    type: str
    queue: str
    execute_at: Instant
    due_at: Annotated[datetime, Meta(tz=True, description="When it is next to run")]
    deduplicated: Annotated[
        Literal["returned", "replaced"] | UnsetType,
        Meta(description="Nothing was made: this one, which has not ended, has the dedupe key"),
    ] = UNSET


class Attempt(Struct, frozen=True, kw_only=True):
    """One try of a task that failed or lost its lease."""

    attempt: Annotated[int, Meta(ge=1)]
    outcome: Literal["failed", "lease_lost"]
    started_at: Instant | None
    ended_at: Instant
    error: str
    worker: Annotated[str | None, Meta(description="Where it ran")]


class ListedTask(Struct, frozen=True, kw_only=True):
    """A task as lists show it."""

    task_id: Id
    type: str
    queue: str
    status: TaskStatus
    execute_at: Annotated[datetime, Meta(tz=True, description="The moment asked for")]
    due_at: Annotated[
        datetime,
        Meta(tz=True, description="When it is next to run: later than execute_at after a retry"),
    ]
    created_at: Instant
    started_at: Annotated[
        Instant | None, Meta(description="Start of the current or last attempt; null before it")
    ]
    finished_at: Annotated[
        Instant | None, Meta(description="When the final status was reached; null before it")
    ]
    expires_at: Annotated[Instant | None, Meta(description="Not worth starting after it")]
    lateness_ms: Annotated[
        float | None, Meta(description="First start minus execute_at; null before the first start")
    ]
    attempt: Annotated[int, Meta(ge=0, description="Attempts begun")]
    max_attempts: Annotated[int, Meta(ge=1)]
    cancel_requested: Annotated[
        bool, Meta(description="Asked while it ran: its handler can see it")
    ]
    tags: tuple[str, ...]
    schedule_id: Annotated[Id | None, Meta(description="The schedule that made it")]
    occurrence_at: Instant | None
    payload: Any
    result: Annotated[Any, Meta(description="What the handler returned; null before that")]
    error: Annotated[
        str | None, Meta(description="Of the last attempt that failed, or why it was skipped")
    ]


class Event(Struct, frozen=True, kw_only=True):
    """One moment of a task."""

    at: Instant
    event: str
    detail: str | None


class Task(ListedTask, frozen=True, kw_only=True):
    """Everything that is known of a task."""

    attempts: Annotated[
        tuple[Attempt, ...],
        Meta(description="Those that failed or lost their lease, oldest first"),
    ]
    timeline: Annotated[tuple[Event, ...], Meta(description="In the order of time")]


class Live(Struct, frozen=True, kw_only=True):
    """The process answers."""

    status: Literal["live"]


class Check(Struct, frozen=True, kw_only=True):
    """One server behind the process."""

    status: Literal["up", "down"]
    latency_ms: float


class Readiness(Struct, frozen=True, kw_only=True):
    """Whether the process, and the servers behind it, can work."""

    status: Literal["ready", "degraded", "unavailable"]
    checks: dict[str, Check]


class Fault(Struct, frozen=True, kw_only=True):
    """What is wrong with one value of the request."""

    pointer: Annotated[str, Meta(description='JSON pointer (RFC 6901); "" is the whole body')]
    detail: str
    code: Annotated[str | UnsetType, Meta(description="Where each value has its own")] = UNSET


class Problem(Struct, frozen=True, kw_only=True):
    """An error, as problem details (RFC 9457). Decide by `code`; docs/errors.md lists them."""

    type: Annotated[str, Meta(description="A relative link to the code in docs/errors.md")]
    title: str
    status: int
    detail: Annotated[str, Meta(description="For people; may be reworded")]
    code: str
    errors: tuple[Fault, ...]
    retryable: Annotated[bool, Meta(description="Whether the same request may be accepted later")]
    request_id: Annotated[str | None, Meta(description="The gateway's; also in the log")]
