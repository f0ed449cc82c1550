"""A typed client of the HTTP API.

    from dueline.client import Client

    with Client() as dueline:  # DUELINE_URL, DUELINE_API_KEY
        made = dueline.tasks.create("email", {"subject": "Welcome"}, delay=timedelta(minutes=5))
        task = dueline.tasks.wait(made.task_id)

docs/client.md has the rest.
"""

from dueline.client.client import Client
from dueline.client.errors import ApiError, StillWaiting, Unreachable
from dueline.http_api.bodies import Accepted, Attempt, ListedTask, Readiness, Task
from dueline.http_api.schedule_bodies import (
    AcceptedSchedule,
    Backfill,
    Occurrence,
    Preview,
    Schedule,
    ScheduleExplanation,
)
from dueline.http_api.stats_bodies import Stats
from dueline.http_api.task_bodies import BatchAnswer, Bulk, CalledOff, Explanation

__all__ = [
    "Accepted",
    "AcceptedSchedule",
    "ApiError",
    "Attempt",
    "Backfill",
    "BatchAnswer",
    "Bulk",
    "CalledOff",
    "Client",
    "Explanation",
    "ListedTask",
    "Occurrence",
    "Preview",
    "Readiness",
    "Schedule",
    "ScheduleExplanation",
    "Stats",
    "StillWaiting",
    "Task",
    "Unreachable",
]
