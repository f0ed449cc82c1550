"""One fault at every step there is: nothing is lost, and repair takes no longer than promised.

The bounds follow from the settings of production.
"""

from datetime import timedelta

import pytest

from tests.simulation.deployment import PRODUCTION, SECOND
from tests.simulation.faults import CallFate
from tests.simulation.invariants import violations
from tests.simulation.one_fault import FAULTS, FREEZE, FROZEN_FOR, KILL, run_with, runs_with

SETTINGS = PRODUCTION.settings
ROUND = SETTINGS.longest_wait + SECOND  # until a tick looks, and the task runs
SOON = 3 * SECOND  # a retry or two, and batches that a trigger takes its time to collect
NEXT_TICK = 2 * PRODUCTION.tick_every - PRODUCTION.tick_lives
IN_FLIGHT = SETTINGS.in_flight_lease + ROUND
OVERDUE = SETTINGS.overdue_grace + ROUND
LEASE = SETTINGS.lease + ROUND

BOUNDS: dict[tuple[str, str], timedelta] = {
    (KILL, "schedule"): OVERDUE,
    (KILL, "tick"): max(NEXT_TICK + ROUND, IN_FLIGHT),
    (KILL, "execute"): LEASE,
    (FREEZE, "schedule"): OVERDUE,
    (FREEZE, "tick"): max(NEXT_TICK + ROUND, IN_FLIGHT),
    (FREEZE, "execute"): FROZEN_FOR + SOON,
    (CallFate.NO_ANSWER, "postgres"): SOON,
    (CallFate.NO_ANSWER, "redis"): OVERDUE,
    (CallFate.NO_ANSWER, "rabbitmq"): IN_FLIGHT,
    (CallFate.LOST_ANSWER, "postgres"): LEASE,  # of a claim: nobody knows that it was granted
    (CallFate.LOST_ANSWER, "redis"): IN_FLIGHT,
    (CallFate.LOST_ANSWER, "rabbitmq"): IN_FLIGHT,
}


def test_without_a_fault_every_task_ends_at_once() -> None:
    run = run_with(KILL, at=None)

    assert violations(run) == []
    assert run.final_after < SOON
    late = [task.lateness for task in run.servers.store.tasks() if task.lateness]
    assert max(late) < SECOND


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_at_any_step_is_repaired_in_time(fault: str) -> None:
    struck_all = set()
    for struck, run in runs_with(fault):
        struck_all.add(struck)
        assert violations(run) == []
        assert run.final_after <= BOUNDS[fault, struck], struck

    assert struck_all == {struck for kind, struck in BOUNDS if kind == fault}
