"""Why a task ran late, twice or not at all: in words, from its rows. Pure."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from dueline.config import Settings
from dueline.domain.tasks import Attempt, Task, TaskStatus
from dueline.http_api.instants import rfc_3339
from dueline.http_api.timeline import last_line

ON_TIME = timedelta(seconds=1)


def explanation(
    task: Task, attempts: Sequence[Attempt], *, now: datetime, settings: Settings
) -> list[str]:
    """Sentences: where it stands and why, what delayed it, and why it was begun more than once."""
    return [
        *_standing(task, now, settings),
        *_lateness(task, attempts),
        *_repetition(task, attempts),
    ]


def _standing(task: Task, now: datetime, settings: Settings) -> Iterator[str]:
    match task.status:
        case TaskStatus.PENDING:
            yield _pending(task, now, settings)
        case TaskStatus.QUEUED:
            yield _queued(task, now, settings)
        case TaskStatus.RUNNING:
            yield from _running(task, now)
        case TaskStatus.COMPLETED:
            yield f"It completed at {_at(task.finished_at)}, in attempt {task.attempt}."
        case TaskStatus.FAILED:
            yield _failed(task)
        case TaskStatus.CANCELLED:
            begun = f"after {_attempts(task.attempt)}" if task.attempt else "before it started"
            yield f"It was cancelled at {_at(task.finished_at)}, {begun}."
        case TaskStatus.SKIPPED:
            yield f"It was not run, by a policy, at {_at(task.finished_at)}: {task.error}."


def _pending(task: Task, now: datetime, settings: Settings) -> str:
    if task.due_at > now:
        again = f", for attempt {task.attempt + 1}" if task.attempt else ""
        ahead = _long(task.due_at - now)
        return f"It waits for its time: due at {_at(task.due_at)}{again}, {ahead} ahead."
    late = now - task.due_at
    if late <= settings.overdue_grace:
        return f"It is due since {_long(late)}, and about to be sent."
    return (
        f"It is due since {_long(late)} and was not sent: function tick does not run, cannot reach "
        "PostgreSQL or the work queue, or sends no more until function execute has taken what "
        f"came before in queue {task.queue}. GET /readyz shows the servers; each tick looks for "
        "what it has missed."
    )


def _queued(task: Task, now: datetime, settings: Settings) -> str:
    since = now - (task.queued_at or now)
    if since <= settings.unclaimed_after:
        return f"Its id is in the work queue since {_long(since)}; function execute takes it next."
    return (
        f"Its id is in the work queue since {_long(since)}: function execute does not run for "
        f"queue {task.queue}, or works on what came before. If the message was lost, a sweep sends "
        "it again once the queue is empty."
    )


def _running(task: Task, now: datetime) -> Iterator[str]:
    if task.started_at and task.started_at > now:
        yield f"{task.worker} holds it until its instant, {_at(task.started_at)}."
    else:
        yield f"Attempt {task.attempt} of it runs since {_at(task.started_at)} on {task.worker}."
    if task.cancel_requested:
        yield "Someone asked to cancel it: its handler can see that, and it is not tried again."
    if task.lease_until and task.lease_until < now:
        yield (
            f"Its lease ran out {_long(now - task.lease_until)} ago: {task.worker} has most likely "
            "died, and the next tick takes the task from it."
        )


def _failed(task: Task) -> str:
    if task.attempt >= task.retry.max_attempts:
        why = f"all {_attempts(task.attempt)} are used up"
    else:
        why = (
            f"after attempt {task.attempt} of {task.retry.max_attempts} the handler gave up, or no "
            "time was left to try again"
        )
    return f"It failed at {_at(task.finished_at)}: {why}. Its last error: {last_line(task.error)}"


def _lateness(task: Task, attempts: Sequence[Attempt]) -> Iterator[str]:
    if task.lateness is None or task.lateness <= ON_TIME:
        return
    yield f"It began {_long(task.lateness)} after the moment asked for, {_at(task.execute_at)}."
    if task.created_at > task.execute_at:
        yield "That moment had passed already when it was asked for."
    lost = [attempt for attempt in attempts if attempt.outcome == "lease_lost"]
    if lost and task.first_started_at and lost[0].ended_at <= task.first_started_at:
        yield f"A process took it and vanished; that was noticed at {_at(lost[0].ended_at)}."
    elif task.queued_at and task.attempt == 1 and task.first_started_at:
        waited = task.first_started_at - task.queued_at
        sent = task.queued_at - task.execute_at
        if sent > ON_TIME:
            yield (
                f"It was sent {_long(sent)} late: tick was not there or could not send, or execute "
                "was behind."
            )
        if waited > ON_TIME:
            yield f"It lay in the work queue for {_long(waited)}: execute was busy or away."


def _repetition(task: Task, attempts: Sequence[Attempt]) -> Iterator[str]:
    if task.attempt > 1 or attempts:
        yield f"It was begun {task.attempt} times:" if task.attempt > 1 else "Of its one attempt:"
    for attempt in attempts:
        if attempt.outcome == "lease_lost":
            yield (
                f"attempt {attempt.attempt} lost its lease at {_at(attempt.ended_at)}: "
                f"{attempt.worker} died or stood still. Its handler may have run in part, or to "
                "its end without being recorded."
            )
        else:
            error = last_line(attempt.error)
            yield f"attempt {attempt.attempt} failed at {_at(attempt.ended_at)}: {error}"


def _attempts(count: int) -> str:
    return "1 attempt" if count == 1 else f"{count} attempts"


def _at(instant: datetime | None) -> str:
    return "an unknown time" if instant is None else rfc_3339(instant)


def _long(length: timedelta) -> str:
    """12 ms, 3.2 s, 5 min, 4.5 h, 3.2 days."""
    seconds = length.total_seconds()
    for unit, size in (("days", 86_400), ("h", 3_600), ("min", 60), ("s", 1)):
        if seconds >= size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds * 1_000:.3g} ms"
