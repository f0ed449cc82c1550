"""What a measure needs of a system under test, dueline or a peer."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Protocol

from bench.figures import Start
from bench.peers.record import LINE

POLL_SECONDS = 0.005  # how exactly the end of recording is known
STALLED_SECONDS = 30.0  # without a start, after the last task was due


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """`count` tasks, evenly from `first` over `span` seconds; `first` in seconds since 1970."""

    count: int
    first: float
    span: float = 0.0

    def dues(self) -> list[float]:
        return [self.first + self.span * number / self.count for number in range(self.count)]


class System(Protocol):
    """A scheduler that runs, with empty stores, from `__enter__` to `__exit__`."""

    @property
    def name(self) -> str: ...

    @property
    def starts(self) -> Path:
        """The file where handlers record their starts."""

    @property
    def quickest_accept(self) -> float:
        """About how many tasks a second `add` takes in, to know how long before to begin."""

    def add(self, plan: Plan) -> float:
        """Accept the tasks in the quickest way there is; the seconds that took."""

    def recorded(self) -> bool | None:
        """Whether no task is open any more; None where a system keeps no such state."""


class Done(NamedTuple):
    """What a system did with the tasks of a plan."""

    starts: list[Start]
    accept_seconds: float
    record_seconds: float | None  # from the first due time until all was recorded, where it is


def run(system: System, *, count: int, span: float = 0.0, patience: float = 1.5) -> Done:
    """Accept tasks ahead of their time and wait until they are done.

    `patience` is how much longer than expected accepting may take: raises TooSlow beyond that.
    Raises Incomplete if tasks stay away.
    """
    lead = patience * (3.0 + count / system.quickest_accept)
    plan = Plan(count=count, first=round(time.time() + lead) + 0.5, span=span)
    before = starts_in(system.starts)
    accept_seconds = system.add(plan)
    if time.time() > plan.first:
        raise TooSlow(f"{system.name}: accepting {count} tasks took longer than {lead:.0f} s")
    wait_for(lambda: starts_in(system.starts) - before, count, not_before=plan.first + span)
    recorded_at = _recorded_at(system)
    return Done(
        starts=read_starts(system.starts, skip=before),
        accept_seconds=accept_seconds,
        record_seconds=None if recorded_at is None else recorded_at - plan.first,
    )


class Incomplete(Exception):
    """A system did not run all its tasks, or could not be used as the measure wants."""


class TooSlow(Incomplete):
    """The first task was due before the last was accepted."""


def wait_for(done: Callable[[], int], count: int, *, not_before: float) -> None:
    """Until `count` are done. Raises Incomplete when nothing was added to them for long."""
    seen, since = 0, time.time()
    while (now_done := done()) < count:
        if now_done != seen:
            seen, since = now_done, time.time()
        if time.time() - max(since, not_before) > STALLED_SECONDS:
            raise Incomplete(f"{seen} of {count} tasks started")
        time.sleep(POLL_SECONDS)


def starts_in(file: Path) -> int:
    return file.stat().st_size // LINE if file.exists() else 0


def read_starts(file: Path, *, skip: int = 0) -> list[Start]:
    lines = file.read_text().splitlines()[skip:]
    return [Start(due=float(due), at=float(at)) for at, due in map(str.split, lines)]


def _recorded_at(system: System) -> float | None:
    while (recorded := system.recorded()) is False:
        time.sleep(POLL_SECONDS)
    return None if recorded is None else time.time()
