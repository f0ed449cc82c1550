"""Actors that take turns, one step at a time, in an order that a seed decides.

An actor is ordinary synchronous code in a greenlet. It gives up its turn at every step that it
takes outside itself (a call of a port, a sleep), and there its process can be killed or frozen.
Nothing else runs meanwhile, so a run is the same each time its seed is used.
"""

import heapq
import random
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from greenlet import getcurrent, greenlet

START = datetime(2026, 6, 1, 12, tzinfo=UTC)
MOST_TURNS = 100_000  # a run that needs more is spinning
MICROSECOND = timedelta(microseconds=1)


class Killed(BaseException):
    """The process of an actor ended here. Not an Exception: no code under test may catch it."""


class Process:
    """What dies and freezes as a whole: a function's environment and the threads in it."""

    __slots__ = ("dead", "frozen_until", "name", "stood_still")

    def __init__(self, name: str) -> None:
        self.name = name
        self.dead = False
        self.frozen_until = 0  # microseconds since START
        self.stood_still = timedelta(0)  # what its monotonic clock did not count while frozen


class Actor(greenlet):
    """A thread of a process: does its duty until it returns or is killed."""

    def __init__(
        self, process: Process, duty: Callable[[], object], scheduler: "Scheduler"
    ) -> None:
        super().__init__(self._live, parent=scheduler.hub)
        self.process = process
        self.alarm = 0  # the number of the entry in the line that is its next turn
        self._duty = duty
        self._scheduler = scheduler

    def _live(self) -> None:
        try:
            self._duty()
        except Killed:
            self._scheduler.note("is no more")


class Scheduler:
    """Virtual time, and whose turn it is."""

    def __init__(self, random_: random.Random, *, traced: bool = False) -> None:
        self.random = random_
        self.now = START
        self.hub = getcurrent()
        self.trace: list[str] | None = [] if traced else None
        self.turns = 0
        self._elapsed = 0  # microseconds since START
        self._pushed = 0
        self._line: list[tuple[int, float, int, Actor]] = []

    def spawn(
        self, process: Process, duty: Callable[[], object], *, after: timedelta = timedelta(0)
    ) -> Actor:
        """Start a thread in a process."""
        actor = Actor(process, duty, self)
        self._queue_up(actor, after // MICROSECOND)
        return actor

    def step(self) -> None:
        """Called by an actor before each thing that it does outside itself."""
        self._pause(50 + int(self.random.random() * 3_000))

    def sleep(self, duration: timedelta) -> None:
        """Called by an actor to do nothing for a while, or until it is woken."""
        self._pause(max(duration // MICROSECOND, 0))

    def wake(self, actor: Actor) -> None:
        """Give an actor that sleeps its turn now. The turn it had in the line is void."""
        self._queue_up(actor, 0)

    def current(self) -> Actor:
        actor = getcurrent()
        assert isinstance(actor, Actor), "only actors take steps"
        return actor

    def freeze(self, process: Process, duration: timedelta) -> None:
        """Let no actor of the process go on before that. Its monotonic clock stands still."""
        process.frozen_until = self._elapsed + duration // MICROSECOND
        process.stood_still += duration

    def note(self, what: str) -> None:
        """Add a line to the trace, if one is kept."""
        if self.trace is not None:
            name = self.current().process.name
            self.trace.append(f"{self._elapsed / 1e6:10.4f} {name:<20} {what}")

    def run_until(self, end: datetime) -> None:
        """Let actors take their turns until `end`."""
        last, line = (end - START) // MICROSECOND, self._line
        while line and line[0][0] <= last:
            at, _, number, actor = heapq.heappop(line)
            if actor.alarm != number or actor.dead:
                continue
            if at != self._elapsed:
                self._elapsed = at
                self.now = START + timedelta(microseconds=at)
            if actor.process.frozen_until > at and not actor.process.dead:
                self._queue_up(actor, actor.process.frozen_until - at)
                continue
            self.turns += 1
            assert self.turns < MOST_TURNS, "the run does not come to rest"
            actor.switch()
        self._elapsed, self.now = last, end

    def end_all(self) -> None:
        """Kill whoever is still there."""
        for *_, actor in list(self._line):
            actor.process.dead = True
            if actor and not actor.dead:
                actor.throw(Killed)
        self._line.clear()

    def _pause(self, microseconds: int) -> None:
        actor = self.current()
        self._queue_up(actor, microseconds)
        self.hub.switch()
        if actor.process.dead:
            raise Killed

    def _queue_up(self, actor: Actor, microseconds: int) -> None:
        self._pushed += 1
        actor.alarm = self._pushed
        # Ties are broken by chance, so that every order of simultaneous steps is tried.
        entry = (self._elapsed + microseconds, self.random.random(), self._pushed, actor)
        heapq.heappush(self._line, entry)
