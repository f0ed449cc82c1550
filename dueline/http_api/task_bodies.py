"""The bodies of answers about many tasks, and about what was done to one (see bodies.py)."""

from typing import Annotated, Literal

from msgspec import UNSET, Meta, Struct, UnsetType

from dueline.domain.tasks import TaskStatus
from dueline.http_api.bodies import Id, ListedTask


class Judged(Struct, frozen=True, kw_only=True):
    """What became of one task of a batch."""

    status: Literal["scheduled", "refused"]
    task_id: Annotated[Id | UnsetType, Meta(description="Of one that is scheduled")] = UNSET
    code: Annotated[str | UnsetType, Meta(description="Why it is refused")] = UNSET
    pointer: Annotated[
        str | UnsetType, Meta(description="Which value of the body is at fault: /tasks/3/type")
    ] = UNSET
    detail: Annotated[str | UnsetType, Meta(description="The same for people")] = UNSET


class BatchAnswer(Struct, frozen=True, kw_only=True):
    """What became of the tasks of a batch."""

    accepted: Annotated[int, Meta(description="How many are committed")]
    refused: int
    tasks: Annotated[tuple[Judged, ...], Meta(description="In the order of the request")]


class TaskList(Struct, frozen=True, kw_only=True):
    """A page of tasks."""

    tasks: Annotated[
        tuple[ListedTask, ...],
        Meta(
            description="The newest first. Maybe fewer than page_size, or none, with more to come"
        ),
    ]
    next_page_token: Annotated[str | None, Meta(description="null: this is the end")]


class CalledOff(Struct, frozen=True, kw_only=True):
    """What became of a request to cancel."""

    task_id: Id
    outcome: Annotated[
        Literal["cancelled", "cancel_requested"],
        Meta(
            description="cancelled: it never starts (again). cancel_requested: it runs, and its "
            "handler can see that it was called off"
        ),
    ]


class Explanation(Struct, frozen=True, kw_only=True):
    """Why a task ran late, twice or not at all."""

    task_id: Id
    status: TaskStatus
    explanation: Annotated[tuple[str, ...], Meta(description="Sentences for people")]


class Bulk(Struct, frozen=True, kw_only=True):
    """How far work on all tasks that fit a filter has come, since its first request."""

    dry_run: bool
    fitting: Annotated[int, Meta(description="Tasks that fitted when they were looked at")]
    outcomes: Annotated[
        dict[str, int],
        Meta(description="What became of how many: cancelled, cancel_requested, retried, …"),
    ]
    done: bool
    next_page_token: Annotated[
        str | None, Meta(description="Send it as page_token to go on; null: done")
    ]
