"""What can be changed of a task that waits."""

from dataclasses import dataclass
from datetime import datetime

from dueline.domain.tasks import JsonText


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskEdit:
    """None leaves a value as it is."""

    execute_at: datetime | None = None  # of a task that began once: when it is next to run
    payload: JsonText | None = None
    queue: str | None = None
