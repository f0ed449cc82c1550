"""A seed is worth something only if it gives the same run again: here, and in another process."""

import os
import subprocess
import sys

import pytest

from tests.simulation.run import Run

SEEDS = (3, 35, 101)


def trace_in_a_process(seed: int, *, hash_seed: str) -> str:
    """What `campaign --seed … --trace` prints, in a process that hashes strings its own way."""
    command = [sys.executable, "-m", "tests.simulation.campaign", "--seed", str(seed), "--trace"]
    played = subprocess.run(
        command,
        env={**os.environ, "PYTHONHASHSEED": hash_seed},
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    return played.stdout


@pytest.mark.parametrize("seed", SEEDS)
def test_a_seed_gives_the_same_trace_in_every_process(seed: int) -> None:
    first = trace_in_a_process(seed, hash_seed="1")
    second = trace_in_a_process(seed, hash_seed="2")

    assert first.count("\n") > 100
    assert first == second


def test_a_run_that_is_watched_is_the_same_run() -> None:
    watched, unwatched = Run(35, traced=True).play(), Run(35).play()

    assert watched.servers.store.moves == unwatched.servers.store.moves
    assert watched.effects.ledger == unwatched.effects.ledger


def test_another_seed_gives_another_run() -> None:
    assert Run(1).play().servers.store.moves != Run(2).play().servers.store.moves
