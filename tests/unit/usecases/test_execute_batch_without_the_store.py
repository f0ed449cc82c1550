"""What execute does with results while PostgreSQL does not answer."""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from typing import Any

import pytest

from dueline.domain.errors import BackendUnavailable
from dueline.domain.messages import encode_message, pages
from dueline.domain.outcomes import Outcome
from dueline.domain.tasks import Claim, Task, TaskStatus
from dueline.due_buffer.memory import MemoryDueBuffer
from dueline.handler import Context, Handler, TaskView
from dueline.task_store.memory import MemoryTaskStore
from dueline.usecases.execute_batch import CLAIMED_AT_ONCE, BatchReport, Execution, execute_batch
from dueline.usecases.run_handler import Attempts
from tests.factories import NOON, SECOND, make_settings, make_task
from tests.unit.usecases.moving_clock import MovingClock
from tests.unit.usecases.unsteady import Unsteady

LIVES = timedelta(minutes=5)
EVER = 10_000


class OneByOne:
    """A crew of one."""

    def run(
        self, parts: Sequence[Callable[[], Sequence[Claim]]], attempts: Attempts
    ) -> Iterator[list[Outcome]]:
        for part in parts:
            for claim in part():
                outcome = attempts.attempt(claim)
                yield [outcome] if outcome else []


class Installation:
    """A store with tasks, and a handler that takes `takes` and is counted."""

    def __init__(
        self,
        tasks: int,
        *,
        takes: timedelta,
        unanswered: dict[str, int],
        answered: dict[str, int] | None = None,
    ) -> None:
        self.clock = MovingClock()
        self.store = MemoryTaskStore()
        self.tasks = [make_task(type="work") for _ in range(tasks)]
        self.store.add(self.tasks)
        self.calls: list[str] = []
        self._takes = takes
        self._unsteady: Any = Unsteady(
            self.store, "postgres", unanswered=unanswered, answered=answered
        )

    def execute(self) -> BatchReport:
        messages = pages([task.ref for task in self.tasks], most=100)
        bodies = [("default.0", encode_message(refs)) for refs in messages]
        ends = self.clock.now() + LIVES
        run = Execution(
            store=self._unsteady,
            buffer=MemoryDueBuffer(self.clock.now),
            clock=self.clock,
            settings=make_settings(),
            handlers={"work": Handler(type="work", function=self._work)},
            crew=OneByOne(),
            worker="here",
            remaining=lambda: ends - self.clock.now(),
        )
        return execute_batch(bodies, run)

    def stored(self) -> list[Task]:
        return [task for known in self.tasks if (task := self.store.get(known.tenant, known.id))]

    def _work(self, task: TaskView, _: Context) -> str:
        self.calls.append(task.id)
        self.clock.pause(self._takes)
        return "done"


def test_a_result_waits_until_the_store_answers_again() -> None:
    there = Installation(2, takes=SECOND, unanswered={"record": 30})

    report = there.execute()

    assert [task.status for task in there.stored()] == [TaskStatus.COMPLETED] * 2
    assert len(there.calls) == report.completed == 2


def test_results_that_cannot_be_saved_in_time_give_the_batch_back() -> None:
    there = Installation(1, takes=SECOND, unanswered={"record": EVER})

    with pytest.raises(BackendUnavailable):
        there.execute()

    assert there.clock.now() < NOON + LIVES


def test_tasks_that_cannot_be_claimed_give_the_batch_back_once_those_that_were_have_ended() -> None:
    there = Installation(
        2 * CLAIMED_AT_ONCE + 1, takes=timedelta(0), answered={"claim": 1}, unanswered={"claim": 1}
    )

    with pytest.raises(BackendUnavailable):
        there.execute()

    assert Counter(task.status for task in there.stored()) == {
        TaskStatus.COMPLETED: CLAIMED_AT_ONCE,
        TaskStatus.PENDING: CLAIMED_AT_ONCE + 1,
    }


def test_a_batch_that_comes_again_runs_what_it_had_not_run() -> None:
    there = Installation(
        CLAIMED_AT_ONCE + 1, takes=timedelta(0), answered={"claim": 1}, unanswered={"claim": 1}
    )
    with pytest.raises(BackendUnavailable):
        there.execute()

    report = there.execute()

    assert (report.completed, report.dropped) == (1, CLAIMED_AT_ONCE)
    assert len(there.calls) == CLAIMED_AT_ONCE + 1


def test_a_renewal_that_fails_once_does_not_end_the_batch() -> None:
    there = Installation(3, takes=25 * SECOND, unanswered={"renew": 1})

    report = there.execute()

    assert report.completed == 3


def test_once_the_leases_have_ended_unrenewed_no_more_work_is_begun() -> None:
    there = Installation(9, takes=25 * SECOND, unanswered={"renew": EVER})

    report = there.execute()

    assert len(there.calls) == 3  # begun before the lease of 60 s was over
    assert (report.completed, report.given_back) == (3, 6)
