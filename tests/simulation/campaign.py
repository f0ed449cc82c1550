"""Thousands of runs, on every core: `python -m tests.simulation.campaign --runs 20000`.

A run that breaks an invariant prints its seed and the command that plays it again, with every
step: `python -m tests.simulation.campaign --seed 123 --trace`.
"""

import argparse
import logging
import multiprocessing
import os
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass, field

from tests.simulation.figures import Figures
from tests.simulation.invariants import violations
from tests.simulation.progress import Progress
from tests.simulation.report import report
from tests.simulation.run import SOUND, Parts, Run

CHUNK = 100  # runs that a process is given at once
MOST_FAILURES = 20  # shown


@dataclass(slots=True)
class Result:
    """What some runs came to. `broken` has what is wrong, by seed."""

    figures: Figures = field(default_factory=Figures)
    broken: dict[int, list[str]] = field(default_factory=dict)

    def add(self, other: "Result") -> None:
        self.figures.add(other.figures)
        self.broken |= other.broken


def play(seeds: range, parts: Parts = SOUND) -> Result:
    """Play the runs of these seeds in this process. A use case that raises is a violation too."""
    result = Result()
    for seed in seeds:
        run = Run(seed, parts)
        try:
            run.play()
            wrong = violations(run)
        except Exception as error:  # noqa: BLE001 - whatever it is, its seed must be known
            wrong = [f"{type(error).__name__}: {error}"]
        result.figures.add_run(run)
        if wrong:
            result.broken[seed] = wrong
    return result


def silence_logs() -> None:
    """In trouble the use cases have much to say."""
    logging.disable(logging.CRITICAL)


def play_on_all_cores(seeds: range) -> Iterator[Result]:
    """The same, shared out to a process per core; the parts of the result as they come."""
    chunks = [seeds[start : start + CHUNK] for start in range(0, len(seeds), CHUNK)]
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(os.cpu_count(), spawn, silence_logs) as pool:
        for chunk in as_completed([pool.submit(play, chunk) for chunk in chunks]):
            yield chunk.result()


def campaign(first: int, runs: int) -> int:
    """Play, print, and say by the exit code whether every invariant held and all was reached."""
    began = time.perf_counter()
    total, progress = Result(), Progress(runs)
    for result in play_on_all_cores(range(first, first + runs)):
        total.add(result)
        progress.show(total.figures.runs, failed=len(total.broken))
    progress.done()
    print(report(total.figures, seconds=time.perf_counter() - began))
    for seed in sorted(total.broken)[:MOST_FAILURES]:
        print(f"\nseed {seed} breaks:", *total.broken[seed], sep="\n  ")
        print(f"  see it: python -m tests.simulation.campaign --seed {seed} --trace")
    missed = total.figures.never_reached()
    if missed:
        print("\nThis campaign never reached, and so proves nothing about:", *missed, sep="\n  ")
    return 1 if total.broken or missed else 0


def replay(seed: int, *, trace: bool) -> int:
    """Play one run, with its trace if asked for."""
    run = Run(seed, traced=trace)
    try:
        run.play()
        wrong = violations(run)
    finally:
        print(*(run.scheduler.trace or []), sep="\n")
    print(f"seed {seed}:", *(wrong or ["every invariant held"]), sep="\n  ")
    return 1 if wrong else 0


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m tests.simulation.campaign",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--runs", type=int, default=20_000, help="how many (default: %(default)s)")
    parser.add_argument("--first", type=int, default=0, help="the first seed (default: 0)")
    parser.add_argument("--seed", type=int, help="play this one run only")
    parser.add_argument("--trace", action="store_true", help="with --seed: print every step")
    chosen = parser.parse_args()
    silence_logs()
    if chosen.seed is not None:
        return replay(chosen.seed, trace=chosen.trace)
    return campaign(chosen.first, chosen.runs)


if __name__ == "__main__":
    sys.exit(main())
