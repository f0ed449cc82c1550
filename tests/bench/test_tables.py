"""How benchmarks show figures."""

import pytest

from bench.figures import Spread
from bench.tables import cell, number, table


@pytest.mark.parametrize(
    ("value", "shown"),
    [(0, "0"), (0.0123, "0.012"), (1.234, "1.23"), (12.34, "12.3"), (12345.6, "12,346")],
)
def test_a_number_shows_the_digits_that_mean_something(value: float, shown: str) -> None:
    assert number(value) == shown


def test_a_cell_shows_the_median_and_the_range() -> None:
    assert cell(Spread(2.0, 1.0, 3.0)) == "2.00 (1.00..3.00)"
    assert cell(Spread(2.0, 2.0, 2.0)) == "2.00"


def test_a_table_aligns_its_figures_to_the_right() -> None:
    assert table(["system", "rate"], [["ours", "12"]]) == (
        "| system | rate |\n| --- | ---: |\n| ours | 12 |\n"
    )
