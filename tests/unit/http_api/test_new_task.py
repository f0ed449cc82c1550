"""From a body to a task."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from dueline.config import Settings
from dueline.domain.callers import Caller
from dueline.domain.errors import InvalidRequest
from dueline.domain.lanes import LaneMap
from dueline.domain.retry import Backoff, RetryPolicy, next_attempt_at
from dueline.domain.tasks import Task, TaskStatus
from dueline.handler import Handler
from dueline.http_api.new_task import LONGEST_TIMEOUT, new_task
from dueline.http_api.requests import ScheduleBody
from dueline.usecases.run_handler import LONGEST_ATTEMPT

NOW = datetime(2026, 6, 1, 12, tzinfo=UTC)
ID = "01900000-0000-7000-8000-0000000000ff"
SECOND = timedelta(seconds=1)
SETTINGS = Settings(
    postgres_url="postgresql://localhost/x",
    redis_url="redis://localhost",
    work_queue_url="amqp://localhost",
    lanes=LaneMap({"default": 1, "mail": 2, "partner": 1}),
    routes={"newsletter": "mail", "export": "partner"},
    outside=frozenset({"partner"}),
    handler_modules=(),
)
POLICY = RetryPolicy(max_attempts=9, base=7 * SECOND, max_age=timedelta(hours=1))


def handler(type_: str, **defaults: Any) -> Handler:
    return Handler(type=type_, function=lambda *_: None, **defaults)


HANDLERS = {
    "email": handler("email"),
    "newsletter": handler("newsletter", retry=POLICY, timeout=timedelta(minutes=2)),
}


def task_of(type_: str = "email", **fields: Any) -> Task:
    body = msgspec.convert({"type": type_, **fields}, ScheduleBody)
    return new_task(
        body, task_id=ID, caller=Caller(), now=NOW, settings=SETTINGS, handlers=HANDLERS
    )


def refusal(type_: str = "email", **fields: Any) -> InvalidRequest:
    with pytest.raises(InvalidRequest) as caught:
        task_of(type_, **fields)
    return caught.value


def test_a_type_alone_makes_a_pending_task_that_is_due_at_once() -> None:
    task = task_of()

    assert (task.type, task.queue, task.payload) == ("email", "default", "{}")
    assert (task.execute_at, task.due_at, task.created_at) == (NOW, NOW, NOW)
    assert (task.status, task.fence, task.attempt) == (TaskStatus.PENDING, 0, 0)
    assert (task.retry, task.timeout, task.expires_at) == (RetryPolicy(), None, None)


def test_execute_at_is_the_moment_that_was_asked_for() -> None:
    task = task_of(execute_at="2026-06-01T15:00:00.000001+02:00")

    assert task.execute_at == task.due_at == NOW + timedelta(hours=1, microseconds=1)


def test_a_moment_that_has_passed_is_kept_and_due_at_once() -> None:
    task = task_of(execute_at="2020-01-01T00:00:00Z")

    assert task.execute_at == datetime(2020, 1, 1, tzinfo=UTC)
    assert task.due_at == NOW


@pytest.mark.parametrize("delay", [90, 90.0, "PT90S", "PT1.5M"])
def test_a_delay_counts_from_now(delay: float | str) -> None:
    assert task_of(delay=delay).execute_at == NOW + 90 * SECOND


def test_execute_at_and_delay_exclude_each_other() -> None:
    error = refusal(execute_at="2026-06-01T15:00:00Z", delay=1)

    assert (error.code, error.pointer) == ("CONFLICTING_FIELDS", "/delay")


@pytest.mark.parametrize(
    ("fields", "code", "pointer"),
    [
        ({"execute_at": "2026-06-01T15:00:00"}, "INVALID_TIME", "/execute_at"),
        ({"execute_at": "9999-12-31T23:59:59-01:00"}, "INVALID_TIME", "/execute_at"),
        ({"execute_at": "2016-12-31T23:59:60Z"}, "INVALID_TIME", "/execute_at"),
        ({"expires_at": "soon"}, "INVALID_TIME", "/expires_at"),
        ({"expires_at": "2026-06-01T12:00:00Z"}, "INVALID_TIME", "/expires_at"),
        ({"delay": 2, "expires_at": "2026-06-01T12:00:01Z"}, "INVALID_TIME", "/expires_at"),
        ({"delay": -1}, "INVALID_DURATION", "/delay"),
        ({"delay": "P1M"}, "INVALID_DURATION", "/delay"),
        ({"delay": 10**31}, "INVALID_DURATION", "/delay"),
        ({"delay": "P99999999W"}, "INVALID_DURATION", "/delay"),
        ({"timeout": 0}, "INVALID_DURATION", "/timeout"),
        ({"timeout": 840.1}, "INVALID_DURATION", "/timeout"),
        ({"retry": {"base": "PT12H1S"}}, "INVALID_DURATION", "/retry/base"),
        ({"retry": {"cap": "P8D"}}, "INVALID_DURATION", "/retry/cap"),
        ({"retry": {"max_age": "P367D"}}, "INVALID_DURATION", "/retry/max_age"),
        ({"retry": {"max_age": "P1Y"}}, "INVALID_DURATION", "/retry/max_age"),
        (
            {"execute_at": "9999-12-31T00:00:00Z", "retry": {"max_age": "P2D"}},
            "INVALID_TIME",
            "/execute_at",
        ),
    ],
)
def test_a_time_that_cannot_be_used_is_named(
    fields: dict[str, Any], code: str, pointer: str
) -> None:
    error = refusal(**fields)

    assert (error.code, error.pointer) == (code, pointer)


def test_a_task_may_expire_after_it_is_due() -> None:
    task = task_of(delay=1, expires_at="2026-06-01T12:00:02Z")

    assert task.expires_at == NOW + 2 * SECOND


def test_a_timeout_may_be_as_long_as_an_attempt_may_last() -> None:
    assert task_of(timeout="PT14M").timeout == LONGEST_TIMEOUT == LONGEST_ATTEMPT


def test_what_a_task_leaves_open_its_handler_decides() -> None:
    task = task_of("newsletter")

    assert (task.retry, task.timeout) == (POLICY, timedelta(minutes=2))


def test_a_task_changes_only_the_parts_of_the_policy_that_it_names() -> None:
    task = task_of(
        "newsletter", timeout=5, retry={"max_attempts": 2, "backoff": "fixed", "max_age": None}
    )

    assert task.timeout == 5 * SECOND
    assert task.retry == RetryPolicy(max_attempts=2, backoff=Backoff.FIXED, base=7 * SECOND)


def test_a_long_base_is_not_cut_by_a_cap_that_nobody_asked_for() -> None:
    assert task_of(retry={"base": "PT1H"}).retry.cap == timedelta(hours=1)
    assert task_of(retry={"base": "PT1H", "cap": "PT30M"}).retry.cap == timedelta(minutes=30)
    assert task_of(retry={"base": "PT1S"}).retry.cap == RetryPolicy().cap


def test_the_queue_is_the_request_s_else_the_type_s_else_default() -> None:
    assert task_of("email").queue == "default"
    assert task_of("newsletter").queue == "mail"
    assert task_of("newsletter", queue="default").queue == "default"


@pytest.mark.parametrize("queue", ["", "default ", "q" * 100_000])
def test_a_queue_must_be_named_exactly(queue: str) -> None:
    error = refusal(queue=queue)

    assert error.code == "UNKNOWN_QUEUE"
    assert len(error.detail) < 300


def test_an_unknown_queue_is_refused_with_the_known_ones() -> None:
    error = refusal(queue="mial")

    assert (error.code, error.pointer) == ("UNKNOWN_QUEUE", "/queue")
    assert 'did you mean "mail"?' in error.detail
    assert "default, mail, partner" in error.detail


def test_an_unknown_type_is_refused_with_the_known_ones() -> None:
    error = refusal("emial")

    assert (error.code, error.pointer) == ("UNKNOWN_TYPE", "/type")
    assert 'type "emial"; did you mean "email"?' in error.detail
    assert "email, export, newsletter" in error.detail


@pytest.mark.parametrize("type_", ["", "e" * 100_000, "EMAIL", "a b", "email\n"])
def test_a_type_that_nothing_handles_is_refused_in_a_short_sentence(type_: str) -> None:
    error = refusal(type_)

    assert error.code == "UNKNOWN_TYPE"
    assert len(error.detail) < 300


def test_a_type_without_a_handler_may_go_to_a_queue_of_outside_workers() -> None:
    assert task_of("export").queue == "partner"
    assert task_of("anything.else", queue="partner").retry == RetryPolicy()


def test_a_type_without_a_handler_cannot_be_moved_to_a_queue_of_ours() -> None:
    assert refusal("export", queue="default").code == "UNKNOWN_TYPE"


def test_a_type_for_outside_workers_still_needs_a_proper_name() -> None:
    assert refusal("a b", queue="partner").code == "UNKNOWN_TYPE"
    assert refusal("a" * 65, queue="partner").code == "UNKNOWN_TYPE"


def test_the_policy_with_the_longest_parts_never_overflows() -> None:
    retry = task_of(retry={"max_attempts": 100, "base": "PT12H", "cap": "P7D"}).retry

    at = next_attempt_at(retry, attempt=99, now=NOW, execute_at=NOW, chance=1.0)

    assert at == NOW + timedelta(days=7)
