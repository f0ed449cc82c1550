"""The crew of an execute environment: a few threads that share a batch."""

import queue
import threading
from collections import deque
from collections.abc import Generator, Sequence

from dueline.domain.outcomes import Outcome
from dueline.domain.tasks import Claim
from dueline.usecases.run_handler import Attempts

MOST_AT_ONCE = 1_000  # outcomes recorded by one statement
LOOK_AROUND_SECONDS = 0.25  # how often timeouts and leases are looked at while nothing ends


class ThreadCrew:
    """Runs attempts in up to `threads` threads, which take the claims from one line."""

    def __init__(self, threads: int) -> None:
        self._threads = threads

    def run(
        self, claims: Sequence[Claim], attempts: Attempts
    ) -> Generator[list[Outcome], None, None]:
        """As usecases.execute_batch.Crew says.

        Outcomes are handed over as soon as one is there, together with all that came meanwhile:
        while a statement records some, the threads run on, and the next statement takes more.
        """
        line = deque(claims)
        ended: queue.SimpleQueue[Outcome | BaseException] = queue.SimpleQueue()

        def start(count: int) -> None:
            for _ in range(count):
                # Daemons: a handler that never returns must not keep a dying process alive.
                threading.Thread(target=_work, args=(line, attempts, ended), daemon=True).start()

        start(min(self._threads, len(claims)))
        left = len(claims)
        try:
            while left:
                outcomes = _take(ended)
                overrun = attempts.overrun()
                start(len(overrun))  # in place of the threads that are still held up
                left -= len(outcomes) + len(overrun)
                yield outcomes + overrun
        finally:
            line.clear()  # of a batch that was given up no more is begun


def _work(
    line: deque[Claim],
    attempts: Attempts,
    ended: "queue.SimpleQueue[Outcome | BaseException]",
) -> None:
    while True:
        try:
            claim = line.popleft()
        except IndexError:
            return
        try:
            outcome = attempts.attempt(claim)
        except BaseException as error:  # noqa: BLE001 - raised again in the thread that records
            ended.put(error)
            return
        if outcome is None:
            return  # overrun, and another thread has taken this one's place
        ended.put(outcome)


def _take(ended: "queue.SimpleQueue[Outcome | BaseException]") -> list[Outcome]:
    """Wait a moment for a first outcome, then take what is there."""
    outcomes: list[Outcome] = []
    try:
        item = ended.get(timeout=LOOK_AROUND_SECONDS)
        while True:
            if isinstance(item, BaseException):
                raise item
            outcomes.append(item)
            if len(outcomes) == MOST_AT_ONCE:
                return outcomes
            item = ended.get_nowait()
    except queue.Empty:
        return outcomes
