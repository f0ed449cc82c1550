"""How durations are counted."""

from itertools import pairwise

import pytest

from dueline.domain.histograms import BOUNDS, cumulative, percentile


def test_the_bounds_rise() -> None:
    assert all(low < high for low, high in pairwise(BOUNDS))


def test_without_durations_there_is_no_percentile() -> None:
    assert percentile({}, 0.5) is None


@pytest.mark.parametrize(
    ("counts", "fraction", "seconds"),
    [
        ({0: 1}, 1.0, 0.0001),
        ({0: 10}, 0.5, 0.00005),
        ({12: 4}, 0.5, 0.75),  # evenly from 0.5 to 1 s
        ({0: 99, 12: 1}, 0.99, 0.0001),
        ({0: 99, 12: 1}, 1.0, 1.0),
        ({12: 1, 0: 1}, 0.5, 0.0001),
        ({len(BOUNDS): 1}, 0.5, 100_000.0),  # past the last bound nothing more is known
    ],
)
def test_a_percentile_lies_within_its_bucket(
    counts: dict[int, int], fraction: float, seconds: float
) -> None:
    assert percentile(counts, fraction) == pytest.approx(seconds)


def test_cumulative_counts_end_with_all() -> None:
    sums = cumulative({0: 1, 2: 5, len(BOUNDS): 2})

    assert sums[:3] == [1, 1, 6]
    assert (sums[-2], sums[-1], len(sums)) == (6, 8, len(BOUNDS) + 1)
