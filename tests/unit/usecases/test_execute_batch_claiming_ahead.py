"""What execute does with tasks that are claimed while others are looked after."""

from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from typing import Any

from dueline.domain.messages import encode_message, pages
from dueline.domain.outcomes import Outcome
from dueline.domain.tasks import Claim
from dueline.due_buffer.memory import MemoryDueBuffer
from dueline.handler import Handler
from dueline.task_store.memory import MemoryTaskStore
from dueline.usecases.execute_batch import CLAIMED_AT_ONCE, Execution, execute_batch
from dueline.usecases.run_handler import Attempts
from tests.factories import SECOND, make_settings, make_task
from tests.unit.usecases.moving_clock import MovingClock


class ClaimsDuringRenewal(MemoryTaskStore):
    """Something else is done while it works on a renewal."""

    meanwhile: Callable[[], object] = staticmethod(lambda: None)

    def renew(self, *args: Any, **named: Any) -> Any:
        renewed = super().renew(*args, **named)
        self.meanwhile()
        return renewed


class TwoParts:
    """A crew that claims the second part while the first one's leases are renewed."""

    def __init__(self, store: ClaimsDuringRenewal, clock: MovingClock) -> None:
        self._store = store
        self._clock = clock

    def run(
        self, parts: Sequence[Callable[[], Sequence[Claim]]], attempts: Attempts
    ) -> Iterator[list[Outcome]]:
        claims = list(parts[0]())
        self._store.meanwhile = lambda: claims.extend(parts[1]())
        self._clock.pause(30 * SECOND)  # past the time of a renewal
        yield []
        for claim in claims:
            outcome = attempts.attempt(claim)
            yield [outcome] if outcome else []


def test_a_task_claimed_during_a_renewal_is_not_taken_for_lost() -> None:
    clock, store = MovingClock(), ClaimsDuringRenewal()
    tasks = [make_task(type="work") for _ in range(CLAIMED_AT_ONCE + 1)]
    store.add(tasks)
    messages = pages([task.ref for task in tasks], most=100)

    report = execute_batch(
        [("default.0", encode_message(refs)) for refs in messages],
        Execution(
            store=store,
            buffer=MemoryDueBuffer(clock.now),
            clock=clock,
            settings=make_settings(),
            handlers={"work": Handler(type="work", function=lambda _task, _context: None)},
            crew=TwoParts(store, clock),
            worker="here",
            remaining=lambda: timedelta(minutes=5),
        ),
    )

    assert (report.completed, report.given_back) == (CLAIMED_AT_ONCE + 1, 0)
