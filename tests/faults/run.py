"""One run: a load, one thing that goes wrong, and what came of it."""

import random
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from pika.exceptions import AMQPError

from dueline.domain.ids import new_task_id
from dueline.domain.messages import encode_message
from dueline.domain.tasks import TaskRef
from dueline.work_queue.topology import EXCHANGE
from tests.faults import oracle
from tests.faults.client import Client
from tests.faults.deployment import LANE, Deployment
from tests.faults.evidence import Evidence, gather
from tests.faults.faults import ServerFault
from tests.faults.kill_plan import provoke
from tests.faults.kill_points import KillPoint

Fault = KillPoint | ServerFault
TASKS = 16
LONGEST_TROUBLE_SECONDS = 0.8
REACHED_WITHIN_SECONDS = 20.0
# Far above what repair takes with the settings of a campaign, and far below production's: it is
# to tell repair from loss on a machine that is busy with other things.
BOUND = timedelta(seconds=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a run showed."""

    fault: str
    seed: int
    reached: bool  # whether the fault took place
    accepted: int
    effects: int
    duplicates: int
    refused: Sequence[int]
    final_after: timedelta | None  # from the end of trouble until the last task was final
    broken: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        return self.reached and self.accepted > 0 and not self.broken


def play(deployment: Deployment, fault: Fault, seed: int) -> Result:
    """Play the run that fault and seed name. Which step it hits is the same each time; what the
    machine does in between is its own."""
    random_ = random.Random(f"{fault.name} {seed}")
    since = deployment.database.last_move()
    deployment.database.run("DELETE FROM schedules")  # those of the run before have ended
    client = deployment.client(f"{fault.name.replace(' ', '-')}-{seed}")
    load = threading.Thread(target=_load, args=(deployment, client, random.Random(seed)))
    load.start()
    try:
        if isinstance(fault, KillPoint):
            reached = _reach(deployment, fault, client, random_)
        else:
            reached = _strike(deployment, fault, random_)
    finally:
        load.join()
    calm_at = datetime.now(UTC)
    await_rest(deployment, since, within=BOUND)
    evidence = gather(deployment.database, deployment.ledger, client.acknowledged(), since=since)
    client.close()
    return _result(fault, seed, evidence, client, reached=reached, calm_at=calm_at)


def await_rest(deployment: Deployment, since: int, *, within: timedelta) -> bool:
    """Whether all tasks inserted after that move came to a final status in time."""
    give_up = datetime.now(UTC) + within
    while deployment.database.not_final(since):
        if datetime.now(UTC) > give_up:
            return False
        threading.Event().wait(0.02)
    return True


def _result(
    fault: Fault,
    seed: int,
    evidence: Evidence,
    client: Client,
    *,
    reached: bool,
    calm_at: datetime,
) -> Result:
    ends = [move.at for move in evidence.moves if move.after in oracle.FINAL]
    return Result(
        fault=fault.name,
        seed=seed,
        reached=reached,
        accepted=len(evidence.acknowledged),
        effects=len(evidence.effects),
        duplicates=evidence.duplicates,
        refused=client.refused,
        final_after=max(ends) - calm_at if ends else None,
        broken=oracle.violations(evidence),
    )


def _load(deployment: Deployment, client: Client, random_: random.Random) -> None:
    """Tasks of every kind, and messages that nobody should have sent."""
    for number in range(TASKS):
        delay = random_.choice((None, None, 0.1, 0.5, 1.0))
        at = None if delay is None else datetime.now(UTC) + timedelta(seconds=delay)
        failures = 1 if number % 5 == 0 else 0
        client.ask({"seconds": random_.choice((0, 0, 0.01, 0.05)), "failures": failures}, at)
        if number == TASKS // 4:
            strangers(deployment, client)
        threading.Event().wait(random_.uniform(0, 0.04))


def strangers(deployment: Deployment, client: Client) -> None:
    """Poison, a forged id, a message with an old fence and one with a fence of the future."""
    try:
        known = client.acknowledged()[-1:] or [new_task_id(datetime.now(UTC))]
        bodies = [
            b"\xffpoison",
            encode_message([TaskRef(new_task_id(datetime.now(UTC)), 0)]),
            encode_message([TaskRef(known[0], 0)]),
            encode_message([TaskRef(known[0], 99)]),
        ]
        with deployment.servers.broker() as channel:
            for body in bodies:
                channel.basic_publish(EXCHANGE, LANE.name, body)
    except (AMQPError, OSError):
        return  # the broker is what is down just now


def _reach(
    deployment: Deployment, point: KillPoint, client: Client, random_: random.Random
) -> bool:
    """Let the first process die that comes to the point; whether one did."""
    seconds = random_.choice((0.0, 0.0005, 0.001, 0.002, 0.005, 0.02))
    deployment.arming.arm(point, after_seconds=seconds)
    provoke(point, deployment, client)
    give_up = threading.Event()
    timer = threading.Timer(REACHED_WITHIN_SECONDS, give_up.set)
    timer.start()
    try:
        while not (struck := deployment.arming.struck(point)) and not give_up.is_set():
            give_up.wait(0.01)
    finally:
        timer.cancel()
        deployment.arming.clear()
    return struck


def _strike(deployment: Deployment, fault: ServerFault, random_: random.Random) -> bool:
    """Let it happen at some moment, for some time."""
    threading.Event().wait(random_.uniform(0, 0.5))
    with fault.happen(deployment, random_):
        threading.Event().wait(random_.uniform(0.1, LONGEST_TROUBLE_SECONDS))
    return True
