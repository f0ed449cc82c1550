"""What became of an attempt, and what that makes of its task."""

from datetime import datetime, timedelta

import msgspec

from dueline.domain.retry import next_attempt_at
from dueline.domain.tasks import Claim, JsonText, TaskRef, TaskStatus

LONGEST_ERROR = 4_000  # characters kept of an error; its end says most


class RetryLater(Exception):
    """Raised by a handler: this attempt failed, try again after `after`."""

    def __init__(
        self, after: timedelta, reason: str = "the handler asked to be tried later"
    ) -> None:
        super().__init__(reason)
        self.after = after


class GiveUp(Exception):
    """Raised by a handler: this task can never succeed, do not try again."""


class Outcome(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The next status of a running task, written by the holder of its fence or by nobody."""

    ref: TaskRef
    queue: str
    attempt: int
    status: TaskStatus  # completed, failed, pending (again at due_at) or cancelled
    started_at: datetime | None  # None: the handler was never called, the attempt is given back
    ended_at: datetime
    due_at: datetime | None = None  # only with pending
    result: JsonText | None = None  # only with completed
    error: str | None = None


def completed(
    claim: Claim, *, started_at: datetime, ended_at: datetime, result: JsonText
) -> Outcome:
    return Outcome(
        ref=claim.ref,
        queue=claim.queue,
        attempt=claim.attempt,
        status=TaskStatus.COMPLETED,
        started_at=started_at,
        ended_at=ended_at,
        result=result,
    )


def given_back(claim: Claim, *, now: datetime) -> Outcome:
    """The task was claimed but not started: pending again, at its old time, attempt not counted."""
    return Outcome(
        ref=claim.ref,
        queue=claim.queue,
        attempt=claim.attempt,
        status=TaskStatus.PENDING,
        started_at=None,
        ended_at=now,
        due_at=claim.due_at,
    )


def failed(
    claim: Claim,
    *,
    started_at: datetime,
    ended_at: datetime,
    cause: BaseException,
    error: str,
    chance: float,
) -> Outcome:
    """Failed attempt → pending with a later due time while its policy allows, else failed.

    GiveUp ends the task at once; RetryLater sets the delay. `chance` is the jitter's number.
    """
    again = None
    if not isinstance(cause, GiveUp):
        again = next_attempt_at(
            claim.retry,
            attempt=claim.attempt,
            now=ended_at,
            execute_at=claim.execute_at,
            chance=chance,
            after=cause.after if isinstance(cause, RetryLater) else None,
        )
    return Outcome(
        ref=claim.ref,
        queue=claim.queue,
        attempt=claim.attempt,
        status=TaskStatus.FAILED if again is None else TaskStatus.PENDING,
        started_at=started_at,
        ended_at=ended_at,
        due_at=again,
        error=error[-LONGEST_ERROR:].replace("\x00", "\N{REPLACEMENT CHARACTER}"),
    )
