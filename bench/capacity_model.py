"""The model of capacity: what a number of lanes does with a load. A discrete-event simulation.

It knows the parts that bound throughput, and nothing else: a tick that serves the lanes in turn, a
queue per lane, environments that take one batch at a time and return it when its slowest task has
ended, threads, an interpreter that runs one of them at once, processors. What these cost comes
from outside (`Costs`), measured. Pure: no clock is read, and one seed gives one answer.
"""

import random
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

from bench.capacity_time import Flag, Process, Scarce, World
from bench.figures import Start

ROUNDING = 1e-9  # seconds: more than sums of floats are off, less than anything that counts
SLOTS = 256  # of a queue, shared out to its lanes (dueline/domain/lanes.py)


@dataclass(frozen=True, slots=True, kw_only=True)
class Costs:
    """Seconds of one processor, PostgreSQL's part in them included."""

    look: float = 0.0  # tick at a lane in which nothing is due
    round: float = 0.0  # more than that, for a round in which something is
    send: float = 0.0  # a task: lease, publish, mark
    invocation: float = 0.0  # a batch: the platform's call, and a claim of nothing
    claim: float = 0.0  # a task more in a claim
    run: float = 0.0  # a task: begin, end, record, without what its handler does


@dataclass(frozen=True, slots=True, kw_only=True)
class Plant:
    """An installation."""

    lanes: int = 1
    environments: int = 1  # of `execute` for each lane; AWS runs one
    batch: int = 10  # messages in an event
    threads: int = 8
    page: int = 100  # most tasks in a message
    most_in_round: int = 2_000  # that tick sends of a lane before it looks at the next
    lead: float = 0.05  # seconds that a task is sent ahead of its time
    processors: int | None = None  # that all share; None: each function has its own


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """Tasks, and how long the handler of each waits for something (seconds)."""

    dues: Sequence[float]
    handler: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """What became of a load, by the model or in earnest; seconds on one clock."""

    starts: Sequence[Start]
    ended: float  # the last task

    def per_second(self) -> float:
        """Tasks, from the first due time to the last end."""
        return len(self.starts) / (self.ended - min(start.due for start in self.starts))


def burst(count: int, *, at: float = 0.0) -> list[float]:
    """Due times of tasks that are all due at once."""
    return [at] * count


def evenly(count: int, *, over: float, at: float = 0.0) -> list[float]:
    """Due times of tasks that are due one after the other."""
    return [at + over * number / count for number in range(count)]


def simulate(plant: Plant, load: Load, costs: Costs, *, seed: int = 1) -> Ran:
    """Run the load through the plant. Every task is known to tick long before it is due."""
    run = _Run(plant, load, costs, random.Random(seed))
    run.world.run()
    return Ran(starts=run.starts, ended=run.ended)


class _Lane:
    def __init__(self, world: World, dues: Sequence[float]) -> None:
        self.due = deque(sorted(dues))  # not sent yet
        self.messages: deque[list[float]] = deque()
        self.filled = Flag(world)


class _Run:
    def __init__(self, plant: Plant, load: Load, costs: Costs, chance: random.Random) -> None:
        self.world = World()
        self.starts: list[Start] = []
        self.ended = 0.0
        self._plant = plant
        self._handler = load.handler
        self._costs = costs
        # As many as can be at work, where each has its own.
        enough = 1 + plant.lanes * plant.environments
        self._processors = Scarce(self.world, plant.processors or enough)
        shares: list[list[float]] = [[] for _ in range(plant.lanes)]
        for due in load.dues:
            shares[chance.randrange(SLOTS) * plant.lanes // SLOTS].append(due)
        self._lanes = [_Lane(self.world, dues) for dues in shares]
        # Time begins at the first task's, less what tick needs to be there.
        self.world.now = min(load.dues) - plant.lead
        self.world.start(self._tick())
        for lane in self._lanes:
            for _ in range(plant.environments):
                self.world.start(self._environment(lane))

    def _tick(self) -> Process:
        while any(lane.due for lane in self._lanes):
            more = False
            for lane in self._lanes:
                yield from self._work(self._costs.look)
                sent = self._ready(lane)
                more = more or len(sent) == self._plant.most_in_round
                yield from self._send(lane, sent)
            next_due = min((lane.due[0] for lane in self._lanes if lane.due), default=0.0)
            if not more and next_due - self._plant.lead > self.world.now:
                yield self.world.after(next_due - self._plant.lead - self.world.now)

    def _ready(self, lane: _Lane) -> list[float]:
        """What may be sent of a lane now, taken from it; in one round at most."""
        until = self.world.now + self._plant.lead + ROUNDING
        ready: list[float] = []
        while lane.due and lane.due[0] <= until and len(ready) < self._plant.most_in_round:
            ready.append(lane.due.popleft())
        return ready

    def _send(self, lane: _Lane, dues: Sequence[float]) -> Process:
        if not dues:
            return
        # They are published before they are marked, but their claim waits for the marked rows.
        yield from self._work(self._costs.round + self._costs.send * len(dues))
        for first in range(0, len(dues), self._plant.page):
            lane.messages.append(list(dues[first : first + self._plant.page]))
        lane.filled.raise_()

    def _environment(self, lane: _Lane) -> Process:
        interpreter = Scarce(self.world, 1)
        while True:
            while not lane.messages:
                lane.filled.lower()
                yield lane.filled.raised()
            taken = min(len(lane.messages), self._plant.batch)
            line = deque(due for _ in range(taken) for due in lane.messages.popleft())
            yield from self._work(self._costs.invocation + self._costs.claim * len(line))
            threads = min(self._plant.threads, len(line))
            ended, left = Flag(self.world), [threads]
            for _ in range(threads):
                self.world.start(self._thread(line, interpreter, ended, left))
            yield ended.raised()

    def _thread(
        self, line: deque[float], interpreter: Scarce, ended: Flag, left: list[int]
    ) -> Process:
        while line:
            due = line.popleft()
            yield self.world.after(max(0.0, due - self.world.now))
            self.starts.append(Start(due=due, at=max(due, self.world.now)))  # sums of floats
            yield self.world.after(self._handler)
            yield interpreter.taken()
            yield from self._work(self._costs.run)
            interpreter.give_back()
            self.ended = self.world.now
        left[0] -= 1
        if not left[0]:
            ended.raise_()

    def _work(self, seconds: float) -> Process:
        yield self._processors.taken()
        yield self.world.after(seconds)
        self._processors.give_back()
