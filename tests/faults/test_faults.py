"""The short form of the campaign; `make faults` runs the long one."""

import secrets

import pytest

from tests.faults.campaign import ALL_FAULTS
from tests.faults.deployment import Deployment
from tests.faults.run import Fault, play

pytestmark = pytest.mark.harness

# The steps at which something changes hands, and what each server does worst.
SHORT = {
    *(f"schedule.{when}.store.add" for when in ("before", "during", "after")),
    *(f"tick.{when}.queue.publish" for when in ("before", "during", "after")),
    *(f"execute.{when}.store.claim" for when in ("before", "during", "after")),
    *(f"execute.{when}.store.record" for when in ("before", "during", "after")),
    "schedule.after.buffer.put",
    "tick.after.buffer.lease_due",
    "tick.during.store.mark_queued",
    "tick.after.store.mark_queued",
    "tick.after.store.reset_unclaimed",
    "tick.after.store.end_lost_leases",
    "execute.during.handler.run",
    "execute.after.store.renew",
    "execute.after.platform.answer",
    "postgres killed",
    "postgres reply dropped",
    "postgres partitioned",
    "redis killed",
    "redis flushed",
    "redis reply dropped",
    "rabbitmq frozen",
    "rabbitmq queue deleted",
    "rabbitmq reply dropped",
    "rabbitmq memory alarm",
    "functions frozen",
}
FAULTS = [fault for fault in ALL_FAULTS if fault.name in SHORT]


# What a fault waits for may be done before it strikes: one run in some hundreds misses so.
TRIES = 3


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name.replace(" ", "_"))
def test_nothing_is_lost_early_or_done_by_two(deployment: Deployment, fault: Fault) -> None:
    for _ in range(TRIES):
        seed = secrets.randbelow(1_000_000)
        result = play(deployment, fault, seed)
        assert result.broken == {}, f"seed {seed}"
        assert result.accepted, f"seed {seed}: {result.refused}"
        if result.reached:
            return
    raise AssertionError(f"{fault.name} was not reached in {TRIES} runs, the last with seed {seed}")


def test_the_short_form_names_faults_that_there_are() -> None:
    assert {fault.name for fault in FAULTS} == SHORT
