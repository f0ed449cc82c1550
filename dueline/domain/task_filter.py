"""Which tasks: the filter that lists and bulk work share."""

from dataclasses import dataclass
from datetime import datetime

from dueline.domain.tasks import JsonText, Task, TaskStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class TaskFilter:
    """All of its conditions hold; None is no condition. Times are from (inclusive) to (exclusive).

    `payload` is what the payload contains, as jsonb's @> has it: an object these names with values
    that contain these, an array elements that contain these, anything else the same value.
    """

    statuses: frozenset[TaskStatus] = frozenset(TaskStatus)
    types: frozenset[str] | None = None
    queue: str | None = None
    tag: str | None = None
    schedule_id: str | None = None
    payload: JsonText | None = None
    execute_from: datetime | None = None
    execute_to: datetime | None = None
    created_from: datetime | None = None
    created_to: datetime | None = None

    def place(self, task: Task) -> str:
        """Where a task that fits stands in the list: what the page behind it begins at. Its id,
        which grows with time; among those of one schedule, the instant of its occurrence."""
        if self.schedule_id is None or task.occurrence_at is None:
            return task.id
        return task.occurrence_at.isoformat(timespec="microseconds")
