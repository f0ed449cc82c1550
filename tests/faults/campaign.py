"""Many runs over one deployment: every kill point and every fault of a server, in turn."""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from tests.eventually import eventually
from tests.faults.deployment import FAST, FAST_TICK, Servers, deployed
from tests.faults.faults import FAULTS
from tests.faults.kill_plan import KILL_POINTS
from tests.faults.kill_points import KillPoint
from tests.faults.run import BOUND, Fault, Result, play

ALL_FAULTS: tuple[Fault, ...] = (*KILL_POINTS, *FAULTS)


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the table: one kind of fault, over all its runs."""

    kind: str
    results: Sequence[Result]

    def total(self, of: Callable[[Result], int]) -> int:
        return sum(of(result) for result in self.results)

    def breaches(self, checker: str) -> int:
        return self.total(lambda result: len(result.broken.get(checker, ())))

    @property
    def slowest(self) -> timedelta:
        return max(
            (result.final_after for result in self.results if result.final_after),
            default=timedelta(0),
        )


def plan(runs: int, seed: int, only: str | None = None) -> list[tuple[Fault, int]]:
    """Which fault with which seed: all in a random order, then all again with the next seed."""
    chosen = [fault for fault in ALL_FAULTS if only in {None, fault.name}]
    if not chosen:
        raise SystemExit(f"no fault is called {only!r}: {', '.join(f.name for f in ALL_FAULTS)}")
    planned: list[tuple[Fault, int]] = []
    for round_ in range(-(-runs // len(chosen))):
        random.Random(seed + round_).shuffle(chosen)
        planned += [(fault, seed + round_) for fault in chosen]
    return planned[:runs]


def run_campaign(
    servers: Servers, folder: Path, planned: Sequence[tuple[Fault, int]]
) -> Iterator[Result]:
    """Play what is planned, one run after another. At the end nothing is left in between."""
    with deployed(servers, folder, settings=FAST, tick_every=FAST_TICK) as deployment:
        for fault, seed in planned:
            yield play(deployment, fault, seed)
        eventually(lambda: deployment.left_over() == 0, within=BOUND)


def kind_of(name: str) -> str:
    """What the runs of a table's line have in common."""
    for point in KILL_POINTS:
        if point.name == name:
            return _kind_of_kill(point)
    return name


def _kind_of_kill(point: KillPoint) -> str:
    return f"kill -9 of {point.function} {point.when} a call"


def table(results: Sequence[Result]) -> str:
    """The figures of a campaign, for people."""
    kinds = list(dict.fromkeys(kind_of(fault.name) for fault in ALL_FAULTS))
    lines = [Line(kind, [r for r in results if kind_of(r.fault) == kind]) for kind in kinds]
    shown = [line for line in lines if line.results] + [Line("all", results)]
    head = ("", "runs", "reached", "201s", "lost", "not final", "early", "stale", "other")
    return "\n".join(
        [
            _row(*head, "handler calls", "duplicates", "slowest"),
            *(_row(*_cells(line)) for line in shown),
        ]
    )


def _cells(line: Line) -> tuple[object, ...]:
    named = (
        "nothing_accepted_is_lost",
        "everything_comes_to_rest",
        "nothing_starts_early",
        "a_stale_attempt_writes_nothing",
    )
    every = line.total(lambda result: sum(map(len, result.broken.values())))
    breaches = [line.breaches(checker) for checker in named]
    return (
        line.kind,
        len(line.results),
        line.total(lambda result: result.reached),
        line.total(lambda result: result.accepted),
        *breaches,
        every - sum(breaches),
        line.total(lambda result: result.effects),
        line.total(lambda result: result.duplicates),
        f"{line.slowest.total_seconds():.1f} s",
    )


def _row(first: object, *cells: object) -> str:
    widths = (5, 8, 6, 5, 10, 6, 6, 6, 14, 11, 9)
    return f"{first!s:<36}" + "".join(
        f"{cell!s:>{width}}" for cell, width in zip(cells, widths, strict=True)
    )
