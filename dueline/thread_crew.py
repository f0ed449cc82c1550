"""The crew of an execute environment: a few threads that share a batch."""

import queue
import threading
from collections import deque
from collections.abc import Generator, Sequence
from datetime import timedelta

from dueline.domain.outcomes import Outcome
from dueline.domain.tasks import Claim
from dueline.usecases.run_handler import Attempts

MOST_AT_ONCE = 1_000  # outcomes recorded by one statement
LOOK_AROUND = timedelta(milliseconds=250)


class ThreadCrew:
    """Runs attempts in up to `threads` threads, which take the claims from one line.

    `look_around` is how often timeouts and leases are looked at while nothing ends.
    """

    def __init__(self, threads: int, *, look_around: timedelta = LOOK_AROUND) -> None:
        self._threads = threads
        self._look_around = look_around

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
                outcomes = _take(ended, self._look_around)
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


def _take(ended: "queue.SimpleQueue[Outcome | BaseException]", moment: timedelta) -> list[Outcome]:
    """Wait a moment for a first outcome, then take what is there."""
    outcomes: list[Outcome] = []
    try:
        item = ended.get(timeout=moment.total_seconds())
        while True:
            if isinstance(item, BaseException):
                raise item
            outcomes.append(item)
            if len(outcomes) == MOST_AT_ONCE:
                return outcomes
            item = ended.get_nowait()
    except queue.Empty:
        return outcomes
