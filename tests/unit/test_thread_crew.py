import threading
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial

import pytest

from dueline.domain.tasks import Claim, TaskStatus
from dueline.handler import Context, Handler, TaskView
from dueline.thread_crew import ThreadCrew
from dueline.usecases.run_handler import Attempts
from tests.eventually import eventually
from tests.factories import SECOND, make_claim
from tests.unit.usecases.moving_clock import MovingClock

MOMENT = timedelta(milliseconds=5)


def make_attempts(
    claims: Sequence[Claim], handle: Callable[[TaskView], object], clock: MovingClock
) -> Attempts:
    def function(task: TaskView, _: Context) -> object:
        return handle(task)

    attempts = Attempts(
        {"work": Handler(type="work", function=function)},
        clock,
        stop=lambda: False,
        chance=lambda: 0.5,
    )
    attempts.add(claims)
    return attempts


def test_every_claim_of_a_batch_gets_its_outcome() -> None:
    claims = [make_claim(type="work") for _ in range(20)]
    attempts = make_attempts(claims, lambda task: task.id, MovingClock())

    outcomes = [
        outcome
        for some in ThreadCrew(4, look_around=MOMENT).run([lambda: claims], attempts)
        for outcome in some
    ]

    assert {outcome.ref for outcome in outcomes} == {claim.ref for claim in claims}
    assert {outcome.status for outcome in outcomes} == {TaskStatus.COMPLETED}


def test_more_is_claimed_when_the_line_runs_out_until_there_is_no_more() -> None:
    parts = [[make_claim(type="work") for _ in range(size)] for size in (600, 0, 3, 1)]
    claims = [claim for part in parts for claim in part]
    attempts = make_attempts(claims, lambda task: task.id, MovingClock())

    outcomes = [
        o
        for some in ThreadCrew(4, look_around=MOMENT).run(
            [partial(list, part) for part in parts], attempts
        )
        for o in some
    ]

    assert sorted(o.ref for o in outcomes) == sorted(claim.ref for claim in claims)


def test_what_was_claimed_runs_while_more_is_claimed() -> None:
    first, second = make_claim(type="work"), make_claim(type="work")
    has_run = threading.Event()
    attempts = make_attempts([first, second], lambda _: has_run.set(), MovingClock())

    def claim_second() -> list[Claim]:
        assert has_run.wait(timeout=10)
        return [second]

    outcomes = [
        o
        for some in ThreadCrew(1, look_around=MOMENT).run([lambda: [first], claim_second], attempts)
        for o in some
    ]

    assert len(outcomes) == 2


def test_more_is_claimed_while_outcomes_are_recorded() -> None:
    first, second = make_claim(type="work"), make_claim(type="work")
    may_claim, has_claimed = threading.Event(), threading.Event()
    attempts = make_attempts([first, second], lambda task: task.id, MovingClock())

    def claim_second() -> list[Claim]:
        assert may_claim.wait(timeout=10)
        has_claimed.set()
        return [second]

    batch = ThreadCrew(1, look_around=MOMENT).run([lambda: [first], claim_second], attempts)
    recording = next(some for some in batch if some)
    may_claim.set()

    assert has_claimed.wait(timeout=10), "whoever records need not come back for it"
    assert [outcome.ref for some in (recording, *batch) for outcome in some] == [
        first.ref,
        second.ref,
    ]


def test_what_claiming_raises_reaches_the_thread_that_records() -> None:
    claim = make_claim(type="work")
    attempts = make_attempts([claim], lambda task: task.id, MovingClock())

    def fail() -> list[Claim]:
        raise KeyError("planted")

    with pytest.raises(KeyError, match="planted"):
        list(ThreadCrew(1, look_around=MOMENT).run([lambda: [claim], fail], attempts))


def test_an_attempt_past_its_timeout_fails_and_does_not_hold_up_the_others() -> None:
    clock, never = MovingClock(), threading.Event()
    slow, quick = make_claim(type="work", timeout=SECOND), make_claim(type="work")

    def handle(task: TaskView) -> None:
        if task.id == slow.ref.id:
            clock.pause(2 * SECOND)
            never.wait()

    attempts = make_attempts([slow, quick], handle, clock)

    outcomes = [
        o
        for some in ThreadCrew(1, look_around=MOMENT).run([lambda: [slow, quick]], attempts)
        for o in some
    ]
    never.set()

    by_id = {outcome.ref.id: outcome for outcome in outcomes}
    assert by_id[slow.ref.id].error == "timed out after 1 s"
    assert by_id[quick.ref.id].status is TaskStatus.COMPLETED


def test_of_a_batch_that_is_given_up_no_more_is_begun() -> None:
    claims = [make_claim(type="work") for _ in range(3)]
    begun: list[threading.Thread] = []
    go_on = threading.Event()

    def handle(_: TaskView) -> None:
        begun.append(threading.current_thread())
        go_on.wait()

    batch = ThreadCrew(1, look_around=MOMENT).run(
        [lambda: claims], make_attempts(claims, handle, MovingClock())
    )
    next(batch)
    eventually(lambda: begun)

    batch.close()
    go_on.set()

    eventually(lambda: not begun[0].is_alive())
    assert len(begun) == 1
