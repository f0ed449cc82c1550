"""Values with defaults, so that a test names only what it is about."""

from datetime import UTC, datetime, timedelta
from typing import Any

from dueline.config import Settings
from dueline.domain.expansion import Occurrence
from dueline.domain.ids import new_task_id
from dueline.domain.lanes import LaneMap
from dueline.domain.outcomes import Outcome
from dueline.domain.retry import RetryPolicy
from dueline.domain.schedules import Schedule
from dueline.domain.tasks import Claim, Task, TaskRef, TaskStatus

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)


def make_task_id(*, slot: int | None = None) -> str:
    """A new id, in the given slot (0 to 255) or any."""
    task_id = new_task_id(NOON)
    return task_id if slot is None else f"{task_id[:-2]}{slot:02x}"


def make_settings(**overrides: Any) -> Settings:
    """Production's defaults, one queue of one lane, no servers."""
    values = {
        "postgres_url": "",
        "redis_url": "",
        "work_queue_url": "",
        "lanes": LaneMap({"default": 1}),
        "routes": {},
        "outside": frozenset(),
        "handler_modules": (),
    }
    return Settings(**{**values, **overrides})


def make_task(**overrides: Any) -> Task:
    """A pending task, asked for a minute before noon, to run at noon."""
    values: dict[str, Any] = {
        "id": make_task_id(),
        "type": "email",
        "queue": "default",
        "payload": '{"subject": "hello"}',
        "execute_at": NOON,
        "created_at": NOON - MINUTE,
    } | overrides
    return Task(**{"due_at": values["execute_at"], **values})


def make_schedule(**overrides: Any) -> Schedule:
    """An e-mail every minute, created at noon: its first occurrence is a minute later."""
    values: dict[str, Any] = {
        "id": make_task_id(),
        "rule": '{"cron": "* * * * *"}',
        "type": "email",
        "queue": "default",
        "payload": '{"subject": "hello"}',
        "created_at": NOON,
        "updated_at": NOON,
        "next_at": NOON + MINUTE,
    } | overrides
    return Schedule(**values)


def make_occurrence(at: datetime = NOON + MINUTE, **overrides: Any) -> Occurrence:
    """An occurrence to be made, to run at its instant."""
    values: dict[str, Any] = {"id": make_task_id(), "at": at, "execute_at": at} | overrides
    return Occurrence(**{"due_at": values["execute_at"], **values})


def make_claim(**overrides: Any) -> Claim:
    """The first attempt of a task that is due at noon."""
    values = {
        "ref": TaskRef(make_task_id(), 1),
        "type": "email",
        "queue": "default",
        "payload": '{"subject": "hello"}',
        "execute_at": NOON,
        "due_at": NOON,
        "attempt": 1,
        "retry": RetryPolicy(),
        "timeout": None,
    }
    return Claim(**{**values, **overrides})


def make_outcome(claim: Claim | None = None, **overrides: Any) -> Outcome:
    """The claim's handler ran from noon for a second and returned {"sent": true}."""
    claim = claim or make_claim()
    values = {
        "ref": claim.ref,
        "queue": claim.queue,
        "attempt": claim.attempt,
        "status": TaskStatus.COMPLETED,
        "started_at": NOON,
        "ended_at": NOON + SECOND,
        "result": None if "status" in overrides else '{"sent": true}',
    }
    return Outcome(**{**values, **overrides})
