"""The threads of an execute environment, as actors."""

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta

from dueline.domain.outcomes import Outcome
from dueline.domain.tasks import Claim
from dueline.usecases.run_handler import Attempts
from tests.simulation.bell import Bell
from tests.simulation.scheduler import Scheduler

THREADS = 2
LOOK_AROUND = timedelta(milliseconds=250)


class SimulatedCrew:
    """Keeps the promise of usecases.execute_batch.Crew as dueline.thread_crew.ThreadCrew does."""

    def __init__(self, scheduler: Scheduler) -> None:
        self._scheduler = scheduler

    def run(
        self, parts: Sequence[Callable[[], Sequence[Claim]]], attempts: Attempts
    ) -> Iterator[list[Outcome]]:
        line: deque[Claim] = deque()
        ended: list[Outcome] = []
        bell = Bell(self._scheduler)
        process = self._scheduler.current().process

        def work() -> None:
            while line:
                outcome = attempts.attempt(line.popleft())
                if outcome is None:
                    return  # overrun, and another has taken this one's place
                ended.append(outcome)
                bell.ring()

        def start(count: int) -> None:
            for _ in range(count):
                self._scheduler.spawn(process, work)

        left, unclaimed = 0, deque(parts)
        try:
            while True:
                while not line and unclaimed:
                    claims = unclaimed.popleft()()
                    left += len(claims)
                    line.extend(claims)
                    start(min(THREADS, len(claims)))
                if not left:
                    return
                if not ended:
                    bell.wait(LOOK_AROUND)
                outcomes, ended[:] = ended[:], []
                overrun = attempts.overrun()
                start(len(overrun))
                left -= len(outcomes) + len(overrun)
                yield outcomes + overrun
        finally:
            line.clear()
