"""Each checker is seen to fire: a bug is planted, and found within a few runs."""

import pytest

from tests.simulation.invariants import CHECKERS
from tests.simulation.mutants import MUTANTS, Mutant, runs_to_catch


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.bug)
def test_a_planted_bug_is_caught(mutant: Mutant) -> None:
    assert runs_to_catch(mutant, most=200) is not None


def test_every_checker_has_a_planted_bug() -> None:
    assert {mutant.caught_by for mutant in MUTANTS} == set(CHECKERS)
