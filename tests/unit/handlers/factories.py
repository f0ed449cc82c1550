"""Tasks and contexts as handlers see them, with defaults for what a test does not care about."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from dueline.handler import TaskView

NOON = datetime(2026, 5, 4, 12, tzinfo=UTC)
TASK_ID = "01900000-0000-7000-8000-000000000001"


def a_task(payload: Any = None, *, type: str = "echo", attempt: int = 1) -> TaskView:  # noqa: A002
    return TaskView(
        id=TASK_ID,
        type=type,
        payload=payload,
        attempt=attempt,
        execute_at=NOON,
        due_at=NOON,
    )


@dataclass(frozen=True, kw_only=True)
class AContext:
    """A context with a minute left, in which nobody cancels, unless told otherwise."""

    left: timedelta = timedelta(minutes=1)
    is_cancelled: Callable[[], bool] = lambda: False

    def remaining(self) -> timedelta:
        return self.left

    @property
    def cancelled(self) -> bool:
        return self.is_cancelled()
