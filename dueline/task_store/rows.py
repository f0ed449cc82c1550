"""Text columns → domain values. What cannot be read fails here, with the connection intact."""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from dueline.domain.overlap import Overlap
from dueline.domain.retry import Backoff, RetryPolicy
from dueline.domain.tasks import Attempt, Claim, DueTask, Task, TaskRef, TaskStatus

Cells = Sequence[str]  # a row as text, "" for NULL
CLAIM_COLUMNS = 12


def instant(text: str) -> datetime:
    """`timestamptz AT TIME ZONE 'UTC'` as text, to the microsecond."""
    return datetime.fromisoformat(f"{text}+00:00")


def instant_or_none(text: str | None) -> datetime | None:
    return instant(text) if text else None


def seconds_or_none(text: str | None) -> timedelta | None:
    return timedelta(seconds=float(text)) if text else None


@lru_cache(maxsize=256)
def retry_policy(max_attempts: str, retry: str | None, max_age: timedelta | None) -> RetryPolicy:
    """The policy from its columns; `max_age` is retry_until - execute_at."""
    if not retry:
        return RetryPolicy(max_attempts=int(max_attempts), max_age=max_age)
    rest = json.loads(retry)
    return RetryPolicy(
        max_attempts=int(max_attempts),
        backoff=Backoff(rest["backoff"]),
        base=timedelta(seconds=rest["base_seconds"]),
        cap=timedelta(seconds=rest["cap_seconds"]),
        jitter=rest["jitter"],
        max_age=max_age,
    )


def unfolded(cells: Sequence[str | None]) -> Iterable[Cells]:
    """Rows from a folded row: one text per column, its lines the values; NULL if there are none.

    A cell costs the driver ten times what a line costs here. No value may hold a newline: jsonb
    prints none, the other columns are names and numbers.
    """
    if cells[0] is None:
        return ()
    return zip(*[cell.split("\n") for cell in cells if cell is not None], strict=True)


def due_task(cells: Cells) -> DueTask:
    """Columns: id, fence, due_at."""
    id_, fence, due_at = cells
    return DueTask(TaskRef(id_, int(fence)), instant(due_at))


def queue_and_due_task(cells: Cells) -> tuple[str, DueTask]:
    """Columns: queue, id, fence, due_at."""
    return cells[0], due_task(cells[1:])


def claim(cells: Cells) -> Claim:
    """The first columns of claim.sql, unfolded: CLAIM_COLUMNS of them."""
    (
        id_, fence, queue, due_at, type_, payload, execute_at, attempt,
        max_attempts, retry, retry_until, timeout,
    ) = cells  # fmt: skip
    asked_at = instant(execute_at)
    return Claim(
        ref=TaskRef(id_, int(fence)),
        type=type_,
        queue=queue,
        payload=payload,
        execute_at=asked_at,
        due_at=asked_at if due_at == execute_at else instant(due_at),
        attempt=int(attempt),
        retry=retry_policy(max_attempts, retry, _age(retry_until, asked_at)),
        timeout=seconds_or_none(timeout),
    )


def task(cells: Sequence[Any]) -> Task:
    """The columns of get.sql."""
    (
        id_, tenant, type_, queue, payload, execute_at, due_at, created_at, tags, schedule_id,
        occurrence_at, dedupe_key, status, fence, attempt_,
        max_attempts, retry, retry_until, timeout, expires_at, queued_at, lease_until, worker,
        first_started_at, started_at, finished_at, result, error, overlap,
        cancel_requested,
    ) = cells  # fmt: skip
    asked_at = instant(execute_at)
    return Task(
        id=id_,
        tenant=tenant,
        type=type_,
        queue=queue,
        payload=payload,
        execute_at=asked_at,
        due_at=instant(due_at),
        created_at=instant(created_at),
        tags=tuple(json.loads(tags)) if tags else (),
        schedule_id=schedule_id,
        occurrence_at=instant_or_none(occurrence_at),
        overlap=Overlap(overlap) if overlap else Overlap.ALLOW,
        dedupe_key=dedupe_key,
        status=TaskStatus(status),
        fence=int(fence),
        attempt=int(attempt_),
        retry=retry_policy(max_attempts, retry, _age(retry_until, asked_at)),
        timeout=seconds_or_none(timeout),
        expires_at=instant_or_none(expires_at),
        queued_at=instant_or_none(queued_at),
        lease_until=instant_or_none(lease_until),
        worker=worker,
        first_started_at=instant_or_none(first_started_at),
        started_at=instant_or_none(started_at),
        finished_at=instant_or_none(finished_at),
        cancel_requested=cancel_requested == "true",
        result=result,
        error=error,
    )


def attempt(cells: Sequence[Any]) -> Attempt:
    """The columns of attempts.sql."""
    task_id, number, started_at, ended_at, outcome, error, worker = cells
    return Attempt(
        task_id=task_id,
        attempt=int(number),
        started_at=instant_or_none(started_at),
        ended_at=instant(ended_at),
        outcome=outcome,
        error=error,
        worker=worker,
    )


def _age(retry_until: str | None, execute_at: datetime) -> timedelta | None:
    return instant(retry_until) - execute_at if retry_until else None
