"""What happened to a task, and what is to come, in the order of time: from its rows."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from dueline.domain.tasks import FINAL, Attempt, Task, TaskStatus

_ENDS = {"failed": "attempt failed", "lease_lost": "lease lost"}


class Event(NamedTuple):
    """One moment of a task."""

    at: datetime
    what: str
    detail: str | None = None


def timeline(task: Task, attempts: Sequence[Attempt]) -> list[Event]:
    """Its moments, earliest first. What is due is in it also where it lies ahead."""
    events = [Event(task.created_at, "created"), Event(task.execute_at, "asked for")]
    for attempt in attempts:
        if attempt.started_at:
            events.append(Event(attempt.started_at, "started", f"attempt {attempt.attempt}"))
        what = _ENDS[attempt.outcome]
        events.append(Event(attempt.ended_at, what, last_line(attempt.error) or None))
    known = {attempt.attempt for attempt in attempts}
    if task.queued_at:
        events.append(Event(task.queued_at, "queued"))
    if task.started_at and task.attempt not in known:
        events.append(Event(task.started_at, "started", f"attempt {task.attempt}"))
    if task.status is TaskStatus.PENDING and task.due_at != task.execute_at:
        events.append(Event(task.due_at, "due"))
    if task.status in FINAL and task.finished_at:
        events.append(Event(task.finished_at, task.status.value, last_line(task.error) or None))
    return sorted(events, key=lambda event: event.at)


def last_line(error: str | None) -> str:
    """What of a traceback says most."""
    return (error or "").rstrip().rpartition("\n")[2]
