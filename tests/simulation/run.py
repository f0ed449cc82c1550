"""One run: a whole installation in one process, in trouble for a while, then left in peace."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from tests.simulation.chaos import Chaos
from tests.simulation.clients import Clients
from tests.simulation.clock import SimulatedClock
from tests.simulation.deployment import SCALED, SECOND, TROUBLE, Deployment
from tests.simulation.faults import Faults, Hazard
from tests.simulation.functions import Functions
from tests.simulation.handlers import Effects
from tests.simulation.platform import Platform
from tests.simulation.recurring import SchedulingClients
from tests.simulation.scheduler import START, Scheduler
from tests.simulation.servers import Servers
from tests.simulation.unreliable_broker import UnreliableBroker
from tests.simulation.watched_buffer import WatchedBuffer
from tests.simulation.watched_schedules import WatchedSchedules
from tests.simulation.watched_store import WatchedStore

LOOK_EVERY = SECOND / 4


def drawn_hazard(scheduler: Scheduler) -> Hazard:
    """Trouble of every kind, how much of each drawn by the seed."""
    return Hazard(scheduler, Faults.drawn(scheduler.random), 2 * SCALED.settings.lease)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What a run is made of. A mutant is one or two parts with a bug planted in them."""

    deployment: Deployment = SCALED
    hazard: Callable[[Scheduler], Hazard] = drawn_hazard
    store: type[WatchedStore] = WatchedStore
    schedules: type[WatchedSchedules] = WatchedSchedules
    buffer: type[WatchedBuffer] = WatchedBuffer
    broker: type[UnreliableBroker] = UnreliableBroker
    clock: type[SimulatedClock] = SimulatedClock
    functions: type[Functions] = Functions
    platform: type[Platform] = Platform
    clients: type[Clients] = Clients
    scheduling: type[SchedulingClients] = SchedulingClients
    chaos: type[Chaos] = Chaos
    trouble: timedelta = TROUBLE
    bound: timedelta = 60 * SECOND  # for repairs: after the trouble, and after the last due time


SOUND = Parts()


class Run:
    """`seed` decides everything: the same seed gives the same run."""

    def __init__(self, seed: int, parts: Parts = SOUND, *, traced: bool = False) -> None:
        self.scheduler = Scheduler(random.Random(seed), traced=traced)
        self.hazard = parts.hazard(self.scheduler)
        self.servers = Servers(
            self.scheduler,
            self.hazard,
            store=parts.store,
            schedules=parts.schedules,
            buffer=parts.buffer,
            broker=parts.broker,
            clock=parts.clock,
        )
        self.effects = Effects(self.scheduler, self.hazard)
        self.functions = parts.functions(
            self.scheduler, self.hazard, self.servers, parts.deployment, self.effects
        )
        self.platform = parts.platform(self.scheduler, self.hazard, self.functions)
        self.clients = parts.clients(self.scheduler, self.functions)
        self.scheduling = parts.scheduling(self.scheduler, self.functions)
        self.chaos = parts.chaos(self.scheduler, self.hazard, self.platform)
        # From the end of trouble, or the last time asked for, to:
        self.final_after = timedelta(0)  # the last task to become final
        self.rested_after: timedelta | None = None  # nothing left to do; None: not in time
        self._parts = parts

    def play(self) -> "Run":
        self.platform.start()
        self.clients.start()
        self.scheduling.start()
        self.chaos.start()
        self.scheduler.run_until(START + self._parts.trouble)
        self.hazard.cease()
        asked_for = [task.execute_at for task in self.servers.store.tasks()]
        since = max([START + self._parts.trouble, *asked_for])
        self._wait_for_rest(since)
        ended = [task.finished_at for task in self.servers.store.tasks() if task.finished_at]
        self.final_after = max([since, *ended]) - since
        self.scheduler.end_all()
        return self

    def _wait_for_rest(self, since: datetime) -> None:
        lanes = self._parts.deployment.settings.lanes.all()
        while self.scheduler.now <= since + self._parts.bound:
            if not self.platform.executing and self.servers.at_rest(lanes):
                self.rested_after = max(self.scheduler.now - since, timedelta(0))
                return
            self.scheduler.run_until(self.scheduler.now + LOOK_EVERY)
