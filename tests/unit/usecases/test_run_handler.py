"""What one attempt makes of what its handler does."""

from datetime import timedelta

import pytest

from dueline.domain.outcomes import Outcome
from dueline.domain.retry import RetryPolicy
from dueline.domain.tasks import Claim, TaskStatus
from dueline.handler import Context, Handler, HandlerFunction, TaskView
from dueline.usecases.run_handler import Attempts
from tests.factories import NOON, SECOND, make_claim
from tests.unit.usecases.moving_clock import MovingClock


class Word(str):
    """A subclass of str, as libraries return them."""

    __slots__ = ()


def attempted(function: HandlerFunction, clock: MovingClock, claim: Claim) -> Outcome:
    attempts = Attempts(
        {claim.type: Handler(type=claim.type, function=function)},
        clock,
        stop=lambda: False,
        chance=lambda: 0.5,
    )
    attempts.add([claim])
    outcome = attempts.attempt(claim)
    assert outcome is not None
    return outcome


def test_a_handler_is_called_at_its_due_instant_and_not_before() -> None:
    clock = MovingClock()
    claim = make_claim(due_at=NOON + SECOND)

    outcome = attempted(lambda _task, _context: None, clock, claim)

    assert outcome.started_at == NOON + SECOND


@pytest.mark.parametrize(("over", "status"), [(-1, TaskStatus.COMPLETED), (0, TaskStatus.FAILED)])
def test_a_handler_that_returns_after_its_deadline_has_failed(
    over: int, status: TaskStatus
) -> None:
    clock = MovingClock()
    claim = make_claim(timeout=SECOND, retry=RetryPolicy(max_attempts=1))

    def slow(_task: TaskView, _context: Context) -> str:
        clock.pause(SECOND + timedelta(microseconds=over))
        return "too late"

    outcome = attempted(slow, clock, claim)

    assert outcome.status is status
    assert (outcome.error == "timed out after 1 s") is (status is TaskStatus.FAILED)


def test_a_result_may_be_of_a_subclass_of_what_json_knows() -> None:
    outcome = attempted(lambda _task, _context: {"id": Word("a")}, MovingClock(), make_claim())

    assert outcome.result == '{"id": "a"}'


def test_a_result_that_json_cannot_say_ends_the_task() -> None:
    outcome = attempted(lambda _task, _context: object(), MovingClock(), make_claim())

    assert outcome.status is TaskStatus.FAILED
    assert "JSON cannot say" in str(outcome.error)


def test_a_handler_that_exits_fails_like_any_other() -> None:
    def leave(_task: TaskView, _context: Context) -> None:
        raise SystemExit(3)

    outcome = attempted(leave, MovingClock(), make_claim())

    assert outcome.status is TaskStatus.PENDING
