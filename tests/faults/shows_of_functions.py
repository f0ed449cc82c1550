"""What happens when tick or execute dies, stands still, or is there more than once."""

import json
import signal
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from local import functions
from local.emulator.environment import State
from local.emulator.platform import Platform
from local.triggers.events import scheduled_event
from tests.eventually import eventually
from tests.faults.burst import Burst, ask_for
from tests.faults.deployment import HERE, Deployment, Servers, deployed
from tests.faults.shown import Shown, last_end

MANY = 10_000
MINUTE = timedelta(minutes=1)
PATIENCE = timedelta(minutes=4)
TO_ACCEPT = timedelta(seconds=60)  # 10,000 tasks, on a machine that is busy with other things
ALONE_AFTER = timedelta(seconds=31)  # of a tick's start: the tick before it has ended


def kill_tick(servers: Servers, folder: Path) -> Shown:
    """Killed when it is the only one: the longest time until the next one begins."""
    with deployed(servers, folder, settings={}, by_proxy=False) as deployment:
        # Cron began a moment ago, and goes on in whole minutes from there.
        burst = burst_at(deployment, datetime.now(UTC) + 2 * MINUTE + ALONE_AFTER)
        eventually(lambda: burst.waiting() < MANY * 3 // 4, within=PATIENCE)
        ticks = _busy(deployment, "tick")
        deployment.signal("tick", signal.SIGKILL)
        killed_at, left = datetime.now(UTC), deployment.database.not_final(burst.since)
        evidence = burst.rest(within=PATIENCE)
    return Shown(
        evidence=evidence,
        measured=last_end(evidence) - killed_at,
        bound=timedelta(seconds=35),
        figures={"ticks killed": ticks, "not final when killed": left},
        also_broken=[] if left else ["all was done before the kill"],
    )


def kill_execute(servers: Servers, folder: Path) -> Shown:
    """Its lease is 60 s from the claim. Tasks that were running wait for it; others do not."""
    with deployed(servers, folder, settings={}, by_proxy=False) as deployment:
        burst = burst_at(deployment, datetime.now(UTC) + TO_ACCEPT, seconds=0.005)
        eventually(lambda: burst.running() > 500 and deployment.ledger.effects(), within=PATIENCE)
        deployment.signal("execute", signal.SIGKILL)
        killed_at, left = datetime.now(UTC), deployment.database.not_final(burst.since)
        evidence = burst.rest(within=PATIENCE)
    lost = sum(len(row.attempts) for row in evidence.rows)
    return Shown(
        evidence=evidence,
        measured=last_end(evidence) - killed_at,
        bound=timedelta(seconds=65),
        figures={"not final when killed": left, "attempts lost": lost},
        also_broken=[] if lost else ["no task was running when it was killed"],
    )


def zombie(servers: Servers, folder: Path) -> Shown:
    """Frozen for longer than its lease, then thawed: what it writes is discarded."""
    with deployed(servers, folder, settings={}, by_proxy=False) as deployment:
        burst = ask_for(deployment, [None] * 8, seconds=2.0)
        eventually(lambda: len(deployment.ledger.effects()) >= 8, within=PATIENCE)
        deployment.signal("execute", signal.SIGSTOP)
        threading.Event().wait(65)
        deployment.signal("execute", signal.SIGCONT)
        thawed_at = datetime.now(UTC)
        evidence = burst.rest(within=PATIENCE)
    return Shown(
        evidence=evidence,
        measured=last_end(evidence) - thawed_at,
        bound=timedelta(seconds=10),
        figures={"attempts lost": sum(len(row.attempts) for row in evidence.rows)},
    )


def ticks_at_once(servers: Servers, folder: Path, *, ticks: int) -> Shown:
    """They share the work: no task is run twice because of it."""
    with deployed(servers, folder, settings={}, by_proxy=False) as deployment:
        environment = deployment.harness.environment
        more = replace(functions.tick(HERE / "functions", environment), concurrency=ticks)
        with Platform([more], log=lambda *_: None) as platform:
            at = datetime.now(UTC) + MINUTE + ALONE_AFTER + timedelta(seconds=10)
            burst = burst_at(deployment, at, count=2_000)
            eventually(lambda: datetime.now(UTC) > at - timedelta(seconds=5), within=PATIENCE)
            for _ in range(ticks - _busy(deployment, "tick")):
                event = scheduled_event(event_id="one-more", at=at, rule="tick")
                platform.submit("tick", json.dumps(event).encode())
            eventually(lambda: datetime.now(UTC) > at, within=PATIENCE)
            running = _busy(deployment, "tick") + len(platform.environments())
            evidence = burst.rest(within=PATIENCE)
    twice = len(evidence.effects) - len({effect.task_id for effect in evidence.effects})
    return Shown(
        evidence=evidence,
        measured=last_end(evidence) - at,
        bound=timedelta(seconds=10),
        what="drain",
        figures={"ticks": running, "tasks run twice": twice},
        also_broken=[f"{twice} tasks were run twice"] if twice else [],
    )


def burst_at(
    deployment: Deployment, at: datetime, *, count: int = MANY, seconds: float = 0.0
) -> Burst:
    """A burst that was accepted before it is due."""
    burst = ask_for(deployment, [at] * count, seconds=seconds)
    accepted = len(burst.acknowledged())
    assert accepted == count, f"{accepted} of {count} tasks were accepted"
    assert datetime.now(UTC) < at, "to accept them took too long: raise TO_ACCEPT"
    return burst


def _busy(deployment: Deployment, function: str) -> int:
    return sum(
        status.name == function and status.state is State.BUSY
        for status in deployment.harness.platform.environments()
    )
