"""From the body of a request to a task: names, times and defaults, as one pure decision."""

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from msgspec import UNSET
from msgspec.structs import asdict

from dueline.config import Settings
from dueline.domain.callers import Caller
from dueline.domain.errors import InvalidRequest
from dueline.domain.retry import RetryPolicy
from dueline.domain.tasks import TYPE_PATTERN, Task
from dueline.handler import Handler
from dueline.http_api.durations import read_duration
from dueline.http_api.instants import read_instant
from dueline.http_api.requests import RetryBody, ScheduleBody
from dueline.http_api.wording import did_you_mean, shown

DEFAULT_QUEUE = "default"
LONGEST_TIMEOUT = timedelta(minutes=14)  # what the platform gives a queue-triggered function
LONGEST_RETRY_PARTS = {
    "base": timedelta(hours=12),
    "cap": timedelta(days=7),
    "max_age": timedelta(days=366),
}
_A_MOMENT = timedelta(microseconds=1)


def new_task(
    body: ScheduleBody,
    *,
    task_id: str,
    caller: Caller,
    now: datetime,
    settings: Settings,
    handlers: Mapping[str, Handler],
) -> Task:
    """The pending task that a body asks for: of the caller's tenant. Raises InvalidRequest.

    A time that has passed, or none, means at once. What the body leaves open comes from the
    settings (queue) and from the type's handler (retry, timeout).
    """
    queue = _queue(body, settings)
    check_type(body.type, queue, settings, handlers)
    check_may_touch(caller, body.type)
    handler = handlers.get(body.type)
    execute_at = _execute_at(body, now)
    due_at = max(execute_at, now)
    retry = _retry(body.retry, handler.retry if handler else RetryPolicy())
    check_end_of_retries(execute_at, retry)
    timeout = _timeout(body) or (handler.timeout if handler else None)
    return Task(
        id=task_id,
        tenant=caller.tenant,
        type=body.type,
        queue=queue,
        payload=bytes(body.payload).decode(),
        execute_at=execute_at,
        due_at=due_at,
        created_at=now,
        retry=retry,
        timeout=timeout,
        expires_at=_expires_at(body, due_at),
        dedupe_key=body.dedupe.key if body.dedupe else None,
        tags=tuple(dict.fromkeys(body.tags)) if body.tags else (),
    )


def _queue(body: ScheduleBody, settings: Settings) -> str:
    queue = body.queue
    if queue is None:
        queue = settings.routes.get(body.type, DEFAULT_QUEUE)
    check_queue(queue, settings)
    return queue


def check_queue(queue: str, settings: Settings) -> None:
    """Raise InvalidRequest for a queue that is not configured."""
    if queue not in settings.lanes.counts:
        known = sorted(settings.lanes.counts)
        raise InvalidRequest(
            f"There is no queue {shown(queue)}{did_you_mean(queue, known)} "
            f"Known are {', '.join(known)}; the setting is DUELINE_QUEUES.",
            code="UNKNOWN_QUEUE",
            pointer="/queue",
        )


def check_may_touch(caller: Caller, type_: str) -> None:
    """Raise InvalidRequest (FORBIDDEN) if the caller's key is for other task types."""
    if not caller.may_touch(type_):
        raise InvalidRequest(
            f"This key is for other types than {shown(type_)}: "
            f"{', '.join(sorted(caller.types or ()))}.",
            code="FORBIDDEN",
            pointer="/type",
        )


def check_type(type_: str, queue: str, settings: Settings, handlers: Mapping[str, Handler]) -> None:
    """Raise InvalidRequest for a type without a handler, unless workers outside serve its queue."""
    if type_ in handlers:
        return
    if queue in settings.outside and re.fullmatch(TYPE_PATTERN, type_):
        return
    routed = {name for name, to in settings.routes.items() if to in settings.outside}
    known = sorted(handlers.keys() | routed)
    raise InvalidRequest(
        f"There is no handler for type {shown(type_)}{did_you_mean(type_, known)} "
        f"Known are {', '.join(known) or 'none'}. Settings: DUELINE_HANDLERS, DUELINE_ROUTES.",
        code="UNKNOWN_TYPE",
        pointer="/type",
    )


def _execute_at(body: ScheduleBody, now: datetime) -> datetime:
    if body.delay is None:
        return now if body.execute_at is None else read_instant(body.execute_at, "/execute_at")
    if body.execute_at is not None:
        raise InvalidRequest(
            "execute_at and delay exclude each other; send one of them.",
            code="CONFLICTING_FIELDS",
            pointer="/delay",
        )
    delay = read_duration(body.delay, "/delay")
    try:
        return now + delay
    except OverflowError as error:
        raise InvalidRequest(
            "This delay ends after the year 9999.", code="INVALID_DURATION", pointer="/delay"
        ) from error


def _expires_at(body: ScheduleBody, due_at: datetime) -> datetime | None:
    if body.expires_at is None:
        return None
    expires_at = read_instant(body.expires_at, "/expires_at")
    check_expiry(expires_at, due_at, "/expires_at", fix="write a later time")
    return expires_at


def check_expiry(expires_at: datetime | None, due_at: datetime, pointer: str, *, fix: str) -> None:
    """Raise InvalidRequest where a task would expire before it is due."""
    if expires_at is not None and expires_at <= due_at:
        raise InvalidRequest(
            f"The task would expire before it is due, and never run; {fix}.",
            code="INVALID_TIME",
            pointer=pointer,
        )


def _timeout(body: ScheduleBody) -> timedelta | None:
    if body.timeout is None:
        return None
    return read_duration(body.timeout, "/timeout", least=_A_MOMENT, most=LONGEST_TIMEOUT)


def _retry(body: RetryBody | None, default: RetryPolicy) -> RetryPolicy:
    if body is None:
        return default
    given = {name: value for name, value in asdict(body).items() if value is not UNSET}
    for name, most in LONGEST_RETRY_PARTS.items():
        if given.get(name) is not None:
            given[name] = read_duration(given[name], f"/retry/{name}", most=most)
    policy = replace(default, **given)
    # A caller who asks for a long base, and names no cap, does not mean the default cap to cut it.
    return policy if "cap" in given else replace(policy, cap=max(policy.cap, policy.base))


def check_end_of_retries(execute_at: datetime, retry: RetryPolicy) -> None:
    """Raise InvalidRequest where max_age leads out of what a datetime can say."""
    if retry.max_age is None:
        return
    try:
        execute_at + retry.max_age
    except OverflowError as error:
        raise InvalidRequest(
            "With the retry policy's max_age this ends after the year 9999.",
            code="INVALID_TIME",
            pointer="/execute_at",
        ) from error
