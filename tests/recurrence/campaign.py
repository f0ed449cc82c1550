"""The long comparison of the package with the oracle.

    python -m tests.recurrence.campaign [--expressions 2000] [--with-seconds 200] [--seed 1]

Each expression is compared in every zone around every transition of the zone's year and, zones
taking turns, over a whole year: under all DST policies. Exits with 1 if the two ever differ.
"""

import argparse
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random

from tests.recurrence.comparison import (
    MINUTE,
    SECOND,
    Tally,
    Window,
    compare,
    is_accepted,
    window,
    windows_around_transitions,
)
from tests.recurrence.generated import ZONES, cron_expression

MOST_SHOWN = 20
BAR_WIDTH = 30


@dataclass(frozen=True)
class Job:
    """Expressions to compare in one zone: in windows around its transitions, or over its year."""

    name: str
    zone: str
    year: int
    texts: list[str]
    around: timedelta | None = None  # None: the whole year
    step: timedelta = MINUTE

    def stretches(self) -> Iterator[Window]:
        if self.around is not None:
            yield from windows_around_transitions(self.zone, self.year, self.around, self.step)
        else:
            start = datetime(self.year, 1, 1, tzinfo=UTC)
            yield window(self.zone, start, start.replace(year=self.year + 1))


def main() -> int:
    arguments = _arguments()
    random = Random(arguments.seed)
    tally = Tally()
    started = time.monotonic()
    plain = _accepted(random, arguments.expressions, tally, seconds=False)
    with_seconds = _accepted(random, arguments.with_seconds, tally, seconds=True)
    jobs = _jobs(plain, with_seconds)
    for done, job in enumerate(jobs):
        for stretch in job.stretches():
            for text in job.texts:
                compare(text, stretch, random, tally)
        _show_progress(done + 1, len(jobs), job, tally, started)
    print(
        f"\n{tally.expressions} expressions, of which {tally.refused} refused;"
        f" {tally.comparisons:,} comparisons, {len(tally.disagreements)} disagreements,"
        f" {time.monotonic() - started:.0f} s"
    )
    print("\n".join(tally.disagreements[:MOST_SHOWN]))
    return 1 if tally.disagreements else 0


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description="Compare next_after with the oracle.")
    parser.add_argument("--expressions", type=int, default=2000, help="accepted, of 5 fields")
    parser.add_argument("--with-seconds", type=int, default=200, help="accepted, of 6 fields")
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def _accepted(random: Random, count: int, tally: Tally, *, seconds: bool) -> list[str]:
    found: list[str] = []
    while len(found) < count:
        text = cron_expression(random, seconds=seconds)
        if is_accepted(text, tally):
            found.append(text)
    return found


def _jobs(plain: list[str], with_seconds: list[str]) -> list[Job]:
    near, nearer = timedelta(hours=14), timedelta(hours=1.5)
    return [
        *(Job("around transitions", zone, year, plain, near) for zone, year in ZONES),
        *(
            Job("seconds around transitions", zone, year, with_seconds, nearer, SECOND)
            for zone, year in ZONES
        ),
        *(
            Job("whole year", zone, year, plain[index :: len(ZONES)])
            for index, (zone, year) in enumerate(ZONES)
        ),
    ]


def _show_progress(done: int, total: int, job: Job, tally: Tally, started: float) -> None:
    bar = "#" * (BAR_WIDTH * done // total)
    end = "\r" if sys.stderr.isatty() else "\n"
    print(
        f"[{bar:.<{BAR_WIDTH}}] {done}/{total} {job.name}, {job.zone} {job.year}:"
        f" {tally.comparisons:,} comparisons, {len(tally.disagreements)} disagreements,"
        f" {time.monotonic() - started:.0f} s",
        end=end,
        file=sys.stderr,
        flush=True,
    )


if __name__ == "__main__":
    raise SystemExit(main())
