"""The crew of an execute environment: a few threads that share a batch."""

import queue
import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import NamedTuple, TypeAlias

from dueline.domain.outcomes import Outcome
from dueline.domain.tasks import Claim
from dueline.usecases.run_handler import Attempts

MOST_AT_ONCE = 1_000  # outcomes recorded by one statement
ENOUGH = 500  # outcomes that are recorded at once; fewer wait a little for others, up to
LINGERS, LINGER_SECONDS = 5, 0.002
FEW = 4  # that are still to end: each is heard at once, since the batch may end with it
SHORT = 1_000  # a line with fewer claims gets more
LOOK_AROUND = timedelta(milliseconds=250)

# What reaches the thread that records: an outcome, what a thread died of, how many were claimed
_Item: TypeAlias = Outcome | BaseException | int
_Ended: TypeAlias = "queue.SimpleQueue[_Item]"


class ThreadCrew:
    """Runs attempts in up to `threads` threads, which take the claims from one line.

    `look_around` is how often timeouts and leases are looked at while nothing ends.
    """

    def __init__(self, threads: int, *, look_around: timedelta = LOOK_AROUND) -> None:
        self._threads = threads
        self._look_around = look_around

    def run(
        self, parts: Sequence[Callable[[], Sequence[Claim]]], attempts: Attempts
    ) -> Generator[list[Outcome], None, None]:
        """As usecases.execute_batch.Crew says.

        Outcomes are handed over soon after one is there, together with all that came meanwhile:
        while a statement records some, the threads run on, and a thread of its own claims more.
        """
        line = _Line(self._threads)
        ended: _Ended = queue.SimpleQueue()

        def start(count: int) -> None:
            for _ in range(count):
                # Daemons: a handler that never returns must not keep a dying process alive.
                threading.Thread(target=_work, args=(line, attempts, ended), daemon=True).start()

        def claim(part: Callable[[], Sequence[Claim]]) -> None:
            claims = part()
            ended.put(len(claims))  # before the first of them can end
            start(line.add(claims))

        to_claim, left = len(parts), 0
        try:
            if parts:
                claim(parts[0])
            if rest := parts[1:]:
                arguments = (rest, claim, line, ended)
                threading.Thread(target=_claim_ahead, args=arguments, daemon=True).start()
            while to_claim or left:
                taken = _take(ended, self._look_around, left)
                to_claim -= len(taken.claimed)
                left += sum(taken.claimed) - len(taken.outcomes)
                overrun = attempts.overrun()
                start(len(overrun))  # in place of the threads that are still held up
                left -= len(overrun)
                yield taken.outcomes + overrun
        finally:
            line.close()  # of a batch that was given up no more is begun


class _Line:
    """The claims that wait for a thread, and how many threads there are to take them."""

    def __init__(self, most_threads: int) -> None:
        self._most_threads = most_threads
        self._threads = 0
        self._claims: deque[Claim] = deque()
        self._turn = threading.Lock()  # else a thread could leave just as more is added
        self._is_short = threading.Event()
        self._is_short.set()
        self._is_closed = False

    def add(self, claims: Sequence[Claim]) -> int:
        """How many threads are to be started for them."""
        with self._turn:
            if self._is_closed:
                return 0
            self._claims.extend(claims)
            if len(self._claims) >= SHORT:
                self._is_short.clear()
            more = min(self._most_threads - self._threads, len(self._claims))
            self._threads += more
            return more

    def take(self) -> Claim | None:
        """The next; None tells the thread to end."""
        with self._turn:
            if len(self._claims) <= SHORT and not self._is_short.is_set():
                self._is_short.set()
            if self._claims:
                return self._claims.popleft()
            self._threads -= 1
            return None

    def wants_more(self) -> bool:
        """Wait until it is short; False once it is closed."""
        self._is_short.wait()
        return not self._is_closed

    def close(self) -> None:
        with self._turn:
            self._is_closed = True
            self._claims.clear()
            self._is_short.set()


def _claim_ahead(
    parts: Sequence[Callable[[], Sequence[Claim]]],
    claim: Callable[[Callable[[], Sequence[Claim]]], None],
    line: _Line,
    ended: _Ended,
) -> None:
    try:
        for part in parts:
            if not line.wants_more():
                return
            claim(part)
    except BaseException as error:  # noqa: BLE001 - raised again in the thread that records
        ended.put(error)


def _work(line: _Line, attempts: Attempts, ended: _Ended) -> None:
    while (claim := line.take()) is not None:
        try:
            outcome = attempts.attempt(claim)
        except BaseException as error:  # noqa: BLE001 - raised again in the thread that records
            ended.put(error)
            return
        if outcome is None:
            return  # overrun, and another thread has taken this one's place
        ended.put(outcome)


class _Taken(NamedTuple):
    outcomes: list[Outcome]
    claimed: list[int]


def _take(ended: _Ended, moment: timedelta, left: int) -> _Taken:
    """Wait a moment for a first outcome, and a little for others, unless all that is left is there.

    Raises what a thread died of.
    """
    taken = _Taken([], [])
    try:
        _put(ended.get(timeout=moment.total_seconds()), taken)
    except queue.Empty:
        return taken
    for _ in range(LINGERS):
        with suppress(queue.Empty):
            while len(taken.outcomes) < MOST_AT_ONCE:
                _put(ended.get_nowait(), taken)
        missing = left + sum(taken.claimed) - len(taken.outcomes)
        if missing <= 0 or len(taken.outcomes) >= ENOUGH:
            break
        if missing > FEW:  # to be woken by each of many would take the lock from who works
            time.sleep(LINGER_SECONDS)
        else:
            with suppress(queue.Empty):
                _put(ended.get(timeout=LINGER_SECONDS), taken)
    return taken


def _put(item: _Item, taken: _Taken) -> None:
    if isinstance(item, Outcome):
        taken.outcomes.append(item)
    elif isinstance(item, BaseException):
        raise item
    else:
        taken.claimed.append(item)
