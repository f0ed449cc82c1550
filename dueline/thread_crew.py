"""The crew of an execute environment: a few threads that share a batch."""

import queue
import threading
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from datetime import timedelta

from dueline.domain.outcomes import Outcome
from dueline.domain.tasks import Claim
from dueline.usecases.run_handler import Attempts

MOST_AT_ONCE = 1_000  # outcomes recorded by one statement
SHORT = 500  # a line with fewer claims gets more
LOOK_AROUND = timedelta(milliseconds=250)


class ThreadCrew:
    """Runs attempts in up to `threads` threads, which take the claims from one line.

    `look_around` is how often timeouts and leases are looked at while nothing ends.
    """

    def __init__(self, threads: int, *, look_around: timedelta = LOOK_AROUND) -> None:
        self._threads = threads
        self._look_around = look_around

    def run(
        self, claimed: Iterator[Sequence[Claim]], attempts: Attempts
    ) -> Generator[list[Outcome], None, None]:
        """As usecases.execute_batch.Crew says.

        Outcomes are handed over as soon as one is there, together with all that came meanwhile:
        while a statement records some, or claims more, the threads run on.
        """
        line = _Line(self._threads)
        ended: queue.SimpleQueue[Outcome | BaseException] = queue.SimpleQueue()

        def start(count: int) -> None:
            for _ in range(count):
                # Daemons: a handler that never returns must not keep a dying process alive.
                threading.Thread(target=_work, args=(line, attempts, ended), daemon=True).start()

        left = 0
        try:
            while True:
                while len(line) < SHORT and (claims := next(claimed, None)) is not None:
                    left += len(claims)
                    start(line.add(claims))
                if not left:
                    return
                outcomes = _take(ended, self._look_around)
                overrun = attempts.overrun()
                start(len(overrun))  # in place of the threads that are still held up
                left -= len(outcomes) + len(overrun)
                yield outcomes + overrun
        finally:
            line.clear()  # of a batch that was given up no more is begun


class _Line:
    """The claims that wait for a thread, and how many threads there are to take them."""

    def __init__(self, most_threads: int) -> None:
        self._most_threads = most_threads
        self._threads = 0
        self._claims: deque[Claim] = deque()
        self._turn = threading.Lock()  # else a thread could leave just as more is added

    def __len__(self) -> int:
        return len(self._claims)

    def add(self, claims: Sequence[Claim]) -> int:
        """How many threads are to be started for them."""
        with self._turn:
            self._claims.extend(claims)
            more = min(self._most_threads - self._threads, len(self._claims))
            self._threads += more
            return more

    def take(self) -> Claim | None:
        """The next; None tells the thread to end."""
        with self._turn:
            if self._claims:
                return self._claims.popleft()
            self._threads -= 1
            return None

    def clear(self) -> None:
        self._claims.clear()


def _work(
    line: _Line,
    attempts: Attempts,
    ended: "queue.SimpleQueue[Outcome | BaseException]",
) -> None:
    while (claim := line.take()) is not None:
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
