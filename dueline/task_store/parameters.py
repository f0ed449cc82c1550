"""Domain values → the text that PostgreSQL reads. A batch travels as one array per column.

The arrays are literals built here: four times faster than the driver's own lists.
"""

import json
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from dueline.domain.ids import FIRST_ID, LAST_ID, first_id_of
from dueline.domain.lanes import Lane
from dueline.domain.outcomes import Outcome
from dueline.domain.retry import RetryPolicy
from dueline.domain.task_filter import TaskFilter
from dueline.domain.tasks import Task, TaskRef, TaskStatus
from dueline.task_store.interface import Tasks
from dueline.task_store.unstorable import storable_text

_DEFAULT = (RetryPolicy().backoff, RetryPolicy().base, RetryPolicy().cap, RetryPolicy().jitter)


def array(values: Iterable[str]) -> str:
    """An array of what needs no quotes: ids, numbers, instants, NULL."""
    return "{" + ",".join(values) + "}"


def quoted_array(values: Iterable[str | None]) -> str:
    """An array of any texts (manual §8.15.2: backslash before quote and backslash)."""
    return array(
        [
            "NULL" if value is None else '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
            for value in values
        ]
    )


def instant(value: datetime | None) -> str:
    return "NULL" if value is None else value.isoformat()


def instants(values: Iterable[datetime | None]) -> str:
    return array(map(instant, values))


def interval(value: timedelta) -> str:
    return f"{value // timedelta(microseconds=1)} microseconds"


def retry_json(policy: RetryPolicy) -> str | None:
    """What column `retry` holds; None for the default. max_attempts and max_age have columns."""
    if (policy.backoff, policy.base, policy.cap, policy.jitter) == _DEFAULT:
        return None
    return json.dumps(
        {
            "backoff": policy.backoff,
            "base_seconds": policy.base.total_seconds(),
            "cap_seconds": policy.cap.total_seconds(),
            "jitter": policy.jitter,
        }
    )


def of_refs(refs: Sequence[TaskRef]) -> dict[str, str]:
    return {
        "ids": array([ref.id for ref in refs]),
        "fences": array([str(ref.fence) for ref in refs]),
    }


def of_lane(lane: Lane) -> dict[str, str | int]:
    return {"queue": lane.queue, "first_slot": lane.slots[0], "last_slot": lane.slots[-1]}


def of_new_tasks(tasks: Tasks) -> dict[str, str]:
    return {
        "ids": array([task.id for task in tasks]),
        "tenants": quoted_array([task.tenant for task in tasks]),
        "task_types": quoted_array([task.type for task in tasks]),
        "queues": quoted_array([task.queue for task in tasks]),
        "payloads": quoted_array([task.payload for task in tasks]),
        "execute_ats": instants([task.execute_at for task in tasks]),
        "due_ats": instants([_later(task) for task in tasks]),
        "created_ats": instants([task.created_at for task in tasks]),
        "tag_lists": quoted_array([_tag_list(task.tags) for task in tasks]),
        "schedule_ids": array([task.schedule_id or "NULL" for task in tasks]),
        "occurrence_ats": instants([task.occurrence_at for task in tasks]),
        "dedupe_keys": quoted_array([task.dedupe_key for task in tasks]),
        "max_attempts": array([str(task.retry.max_attempts) for task in tasks]),
        "retries": quoted_array([retry_json(task.retry) for task in tasks]),
        "retry_untils": instants([_retry_until(task) for task in tasks]),
        "timeouts": array([_seconds(task.timeout) for task in tasks]),
        "expires_ats": instants([task.expires_at for task in tasks]),
    }


def of_new_task(task: Task) -> dict[str, str | int | None]:
    return {
        "id": task.id,
        "tenant": task.tenant,
        "task_type": task.type,
        "queue": task.queue,
        "payload": task.payload,
        "execute_at": task.execute_at.isoformat(),
        "due_at": _or_null(_later(task)),
        "created_at": task.created_at.isoformat(),
        "tags": _tag_list(task.tags),
        "schedule_id": task.schedule_id,
        "occurrence_at": _or_null(task.occurrence_at),
        "dedupe_key": task.dedupe_key,
        "max_attempts": task.retry.max_attempts,
        "retry": retry_json(task.retry),
        "retry_until": _or_null(_retry_until(task)),
        "timeout": None if task.timeout is None else _seconds(task.timeout),
        "expires_at": _or_null(task.expires_at),
    }


def of_filter(which: TaskFilter) -> dict[str, str | int | None]:
    return {
        **{status.value: status if status in which.statuses else None for status in TaskStatus},
        "task_types": None if which.types is None else quoted_array(sorted(which.types)),
        "queue": which.queue,
        "tag": which.tag,
        "schedule_id": which.schedule_id,
        "payload": which.payload,
        "execute_from": _or_infinity(which.execute_from, "-infinity"),
        "execute_to": _or_infinity(which.execute_to, "infinity"),
        "created_from": _or_infinity(which.created_from, "-infinity"),
        "created_to": _or_infinity(which.created_to, "infinity"),
    }


def ids_created(which: TaskFilter) -> tuple[str, str]:
    """The first id of a task that was created in time, and one behind the last: an id begins with
    the millisecond in which it was made."""
    first, end = FIRST_ID, LAST_ID
    if which.created_from is not None:
        first = first_id_of(which.created_from)
    if which.created_to is not None:
        end = first_id_of(which.created_to, milliseconds_later=1)
    return first, end


def of_outcomes(outcomes: Sequence[Outcome]) -> dict[str, str]:
    errors = [None if o.error is None else storable_text(o.error) for o in outcomes]
    return of_refs([o.ref for o in outcomes]) | {
        "statuses": array([o.status for o in outcomes]),
        "started_ats": instants([o.started_at for o in outcomes]),
        "ended_ats": instants([o.ended_at for o in outcomes]),
        "due_ats": instants([o.due_at for o in outcomes]),
        "results": quoted_array([o.result for o in outcomes]),
        "errors": quoted_array(errors),
    }


def _or_infinity(value: datetime | None, infinity: str) -> str:
    return infinity if value is None else value.isoformat()


def _or_null(value: datetime | None) -> str | None:
    return None if value is None else value.isoformat()


def _tag_list(tags: Sequence[str]) -> str | None:
    return quoted_array(tags) if tags else None


def _later(task: Task) -> datetime | None:
    return None if task.due_at == task.execute_at else task.due_at


def _retry_until(task: Task) -> datetime | None:
    return None if task.retry.max_age is None else task.execute_at + task.retry.max_age


def _seconds(value: timedelta | None) -> str:
    return "NULL" if value is None else repr(value.total_seconds())
