"""The figures that benchmarks report."""

import pytest

from bench.figures import Spread, Start, burst_seconds, lateness_ms, medians, percentile, spread


def test_a_percentile_is_the_smallest_value_that_so_many_do_not_exceed() -> None:
    values = [float(value) for value in range(100, 0, -1)]

    assert [percentile(values, percent) for percent in (1, 50, 95, 99, 100)] == [1, 50, 95, 99, 100]


@pytest.mark.parametrize("percent", [0.1, 50, 100])
def test_a_single_value_is_every_percentile(percent: float) -> None:
    assert percentile([7.0], percent) == 7.0


def test_a_spread_is_the_median_and_what_the_values_range_over() -> None:
    assert spread([3.0, 1.0, 2.0]) == Spread(median=2.0, least=1.0, most=3.0)


def test_lateness_is_told_in_milliseconds_and_early_starts_are_counted() -> None:
    starts = [Start(due=10.0, at=10.002), Start(due=10.0, at=9.5), Start(due=10.0, at=10.0)]

    figures = lateness_ms(starts)

    assert figures["max"] == pytest.approx(2.0)
    assert figures["p50"] == 0.0
    assert figures["early"] == 1


def test_a_burst_is_told_by_its_first_and_its_last_start_in_whatever_order_they_were_recorded() -> (
    None
):
    figures = burst_seconds([Start(due=10.0, at=at) for at in (10.5, 10.1, 10.3)])

    assert figures["first"] == pytest.approx(0.1)
    assert figures["last"] == pytest.approx(0.5)
    assert figures["starts_per_second"] == pytest.approx(2 / 0.4)
    assert figures["per_second"] == pytest.approx(3 / 0.5)


def test_medians_are_taken_figure_by_figure_over_the_runs_that_have_it() -> None:
    runs = [{"rate": 1.0, "recorded": 5.0}, {"rate": 3.0}, {"rate": 2.0, "recorded": 7.0}]

    assert medians(runs) == {"rate": Spread(2.0, 1.0, 3.0), "recorded": Spread(6.0, 5.0, 7.0)}
