"""A short campaign, for every change; `python -m tests.simulation.campaign` has the long one."""

import pytest

from tests.simulation.campaign import Result, play_on_all_cores
from tests.simulation.figures import Figures

RUNS = 400


@pytest.fixture(scope="module")
def result() -> Result:
    total = Result()
    for part in play_on_all_cores(range(RUNS)):
        total.add(part)
    return total


def test_every_invariant_holds_whatever_goes_wrong(result: Result) -> None:
    assert result.figures.runs == RUNS
    assert result.broken == {}


def test_the_campaign_reached_every_kind_of_trouble_and_every_repair(result: Result) -> None:
    assert result.figures.never_reached() == []


def test_handlers_are_sometimes_called_again_but_seldom(result: Result) -> None:
    assert 0 < result.figures.duplicates < result.figures.effects / 10


def test_a_campaign_that_reached_nothing_says_what_it_missed() -> None:
    missed = Figures().never_reached()

    assert {"kill", "outage of postgres", "sweep S1", "sweep S2", "sweep S3"} <= set(missed)
