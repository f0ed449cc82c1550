"""How durations are counted: by the bounds that they do not reach."""

from collections.abc import Mapping

# In seconds. schema.sql has the same list (duration_bucket), and rows hold places in it: it may
# grow at its end, and never change otherwise.
BOUNDS = (
    0.0001, 0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5,
    1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000, 50000, 100000,
)  # fmt: skip


def percentile(counts: Mapping[int, int], fraction: float) -> float | None:
    """Seconds that `fraction` of the durations do not pass; None where there are none.

    `counts` says how many fall into each bucket: that of 0 ends at the first bound, the one past
    the last bound has no end. Within a bucket durations are taken to lie evenly, so the answer is
    as exact as the bounds are close: 1, 2, 5 of each decade.
    """
    total = sum(counts.values())
    if total <= 0:
        return None
    wanted = fraction * total
    for bucket in sorted(counts):
        if counts[bucket] >= wanted:
            low = BOUNDS[bucket - 1] if bucket else 0.0
            high = BOUNDS[min(bucket, len(BOUNDS) - 1)]
            return low + (high - low) * wanted / counts[bucket]
        wanted -= counts[bucket]
    return float(BOUNDS[-1])


def cumulative(counts: Mapping[int, int]) -> list[int]:
    """For each bound, how many durations do not reach it; then how many there are in all."""
    sums, total = [], 0
    for bucket in range(len(BOUNDS) + 1):
        total += counts.get(bucket, 0)
        sums.append(total)
    return sums
