"""Figures out of measured values. Pure."""

from collections.abc import Mapping, Sequence
from statistics import median
from typing import NamedTuple

PERCENTILES = {"p50": 50.0, "p95": 95.0, "p99": 99.0, "max": 100.0}
EARLY_SECONDS = 1e-6  # the resolution of a recorded start


class Start(NamedTuple):
    """When a task was to start, and when its handler did; seconds since 1970."""

    due: float
    at: float


class Spread(NamedTuple):
    """What some repetitions gave."""

    median: float
    least: float
    most: float


def percentile(values: Sequence[float], percent: float) -> float:
    """The smallest value that at least `percent` of all values do not exceed (nearest rank)."""
    ranked = sorted(values)
    rank = -(-len(ranked) * percent // 100)
    return ranked[max(0, int(rank) - 1)]


def spread(values: Sequence[float]) -> Spread:
    return Spread(median(values), min(values), max(values))


def lateness_ms(starts: Sequence[Start]) -> dict[str, float]:
    """Percentiles of lateness in milliseconds, and how many tasks started early."""
    late = [(start.at - start.due) * 1_000 for start in starts]
    figures = {name: percentile(late, percent) for name, percent in PERCENTILES.items()}
    return figures | {"early": float(sum(start.at < start.due - EARLY_SECONDS for start in starts))}


def burst_seconds(starts: Sequence[Start]) -> dict[str, float]:
    """From the one due instant to the first and the last start, and starts per second between."""
    due = starts[0].due
    first, last = min(start.at for start in starts), max(start.at for start in starts)
    return {
        "first": first - due,
        "last": last - due,
        "starts_per_second": (len(starts) - 1) / (last - first),
        "per_second": len(starts) / (last - due),
    }


def ratio(ours: float, theirs: float) -> float:
    """How many times as fast, for rates."""
    return ours / theirs


def medians(runs: Sequence[Mapping[str, float]]) -> dict[str, Spread]:
    """Figure by figure over the repetitions; one that is missing in some is taken where it is."""
    names = dict.fromkeys(name for run in runs for name in run)
    return {name: spread([run[name] for run in runs if name in run]) for name in names}
