"""A task, its statuses, and the moves between them (drawn in docs/state-machine.md)."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from types import MappingProxyType
from typing import NamedTuple

import msgspec

from dueline.domain.errors import ForbiddenMove
from dueline.domain.overlap import Overlap
from dueline.domain.retry import RetryPolicy

DEFAULT_TENANT = "default"
TYPE_PATTERN = r"[A-Za-z0-9][A-Za-z0-9_.-]{0,63}"

# A JSON document as text. It is decoded once, for the handler; everything before only carries it.
JsonText = str


class TaskStatus(StrEnum):
    """Where a task stands. The SQL guards the same moves; schema.sql lists the same words."""

    PENDING = "pending"  # stored, waiting for its due time
    QUEUED = "queued"  # its id is in the work queue, confirmed
    RUNNING = "running"  # one execute holds the lease
    COMPLETED = "completed"  # final: the handler returned and its result is recorded
    FAILED = "failed"  # final: attempts used up, or the handler gave up
    CANCELLED = "cancelled"  # final: called off before its result
    SKIPPED = (
        "skipped"  # final: not run, by a policy (expired, missed, overlap); `error` says which
    )


_MOVES: dict[TaskStatus, frozenset[TaskStatus]] = {
    TaskStatus.PENDING: frozenset(
        # running: a message may arrive before its "queued" mark is written
        {TaskStatus.QUEUED, TaskStatus.RUNNING, TaskStatus.CANCELLED, TaskStatus.SKIPPED}
    ),
    TaskStatus.QUEUED: frozenset(
        # pending: its message was lost (sweep S2), or it was moved to another time
        {TaskStatus.PENDING, TaskStatus.RUNNING, TaskStatus.CANCELLED, TaskStatus.SKIPPED}
    ),
    TaskStatus.RUNNING: frozenset(
        # pending: to be tried again, after a failure or a lost lease (sweep S3)
        {TaskStatus.COMPLETED, TaskStatus.FAILED, TaskStatus.PENDING, TaskStatus.CANCELLED}
    ),
    TaskStatus.COMPLETED: frozenset(),
    TaskStatus.FAILED: frozenset({TaskStatus.PENDING}),  # only by a person's retry
    TaskStatus.CANCELLED: frozenset(),
    TaskStatus.SKIPPED: frozenset(),
}
MOVES: Mapping[TaskStatus, frozenset[TaskStatus]] = MappingProxyType(_MOVES)

FINAL = frozenset(
    {TaskStatus.COMPLETED, TaskStatus.FAILED, TaskStatus.CANCELLED, TaskStatus.SKIPPED}
)


def check_move(old: TaskStatus, new: TaskStatus) -> None:
    """Raise ForbiddenMove unless the state machine joins the two."""
    if new not in MOVES[old]:
        raise ForbiddenMove(f"a task cannot go from {old} to {new}")


class TaskRef(NamedTuple):
    """A task and the fence under which it was seen. Whoever holds an old fence changes nothing.

    A tuple, since tens of thousands of them travel each second.
    """

    id: str  # a UUID in its canonical text form
    fence: int


class Task(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One thing to run once: the whole row of table `tasks`.

    No dataclass, since ten thousand come in a request (docs/decisions/0068). Nothing in it can lead
    back to it, so the garbage collector need not look.
    """

    id: str
    tenant: str = DEFAULT_TENANT  # whose it is
    type: str
    queue: str
    payload: JsonText
    execute_at: datetime  # the moment asked for
    due_at: datetime  # when it is next to run: execute_at, or later after a retry
    created_at: datetime
    tags: tuple[str, ...] = ()  # words to find it by
    schedule_id: str | None = None  # the schedule that it is an occurrence of,
    occurrence_at: datetime | None = None  # and which one
    overlap: Overlap = Overlap.ALLOW  # whether it may run beside another of its schedule
    dedupe_key: str | None = None  # at most one unfinished task of a tenant has it
    status: TaskStatus = TaskStatus.PENDING
    fence: int = 0
    attempt: int = 0  # attempts begun
    retry: RetryPolicy = RetryPolicy()
    timeout: timedelta | None = None
    expires_at: datetime | None = None  # not worth starting after this
    queued_at: datetime | None = None
    lease_until: datetime | None = None
    worker: str | None = None  # where the current or last attempt ran
    first_started_at: datetime | None = None
    started_at: datetime | None = None  # start of the current or last attempt
    finished_at: datetime | None = None  # when the final status was reached
    cancel_requested: bool = False  # asked while running; the handler can see it
    result: JsonText | None = None
    error: str | None = None  # of the last attempt that failed, or why it was skipped

    @property
    def ref(self) -> TaskRef:
        return TaskRef(self.id, self.fence)

    @property
    def lateness(self) -> timedelta | None:
        """First start minus execute_at; None before the first start."""
        return self.first_started_at - self.execute_at if self.first_started_at else None


class DueTask(NamedTuple):
    """What the due buffer keeps of a task."""

    ref: TaskRef
    due_at: datetime


class DuePlace(NamedTuple):
    """A place in the order of due times, and of ids where these are the same: behind task `id` of
    those that are due at `due_at`; without an id, behind all of them."""

    due_at: datetime
    id: str | None = None


class Claim(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A running task as given to one execute, under a fence that only this execute holds."""

    ref: TaskRef
    type: str
    queue: str
    payload: JsonText
    execute_at: datetime
    due_at: datetime
    attempt: int  # 1 is the first
    retry: RetryPolicy
    timeout: timedelta | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """One try of a task that failed or lost its lease: a row of table `attempts`."""

    task_id: str
    attempt: int
    started_at: datetime | None
    ended_at: datetime
    outcome: str  # "failed" or "lease_lost"
    error: str
    worker: str | None
