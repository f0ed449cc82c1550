"""The cloud of a run: a cron that invokes tick, and a trigger per lane that invokes execute."""

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from dueline.domain.errors import BackendUnavailable
from dueline.domain.lanes import Lane
from dueline.work_queue.interface import Delivery
from dueline.work_queue.memory import MemoryConsumer
from tests.simulation.bell import Bell
from tests.simulation.deployment import SECOND
from tests.simulation.faults import Hazard
from tests.simulation.functions import Functions
from tests.simulation.scheduler import Process, Scheduler

POISON = b'{"v":1,"tasks":"all of them"}'
MOST_MESSAGES = 5  # in a batch
TWO_TICKS = 0.1  # how likely the cron fires twice, as EventBridge's may
TWO_ENVIRONMENTS = 0.7  # how likely a lane has two executes at once, so that one can be a zombie
LONGEST_WAIT = 10 * SECOND
BATCH_WINDOW = SECOND / 3


class Platform:
    """Keeps the promises of AWS: at least once, one batch of a lane at a time, all or nothing."""

    def __init__(self, scheduler: Scheduler, hazard: Hazard, functions: Functions) -> None:
        self.executing: list[Process] = []  # those with a batch
        self.poison_acked: Counter[str] = Counter()  # by lane
        self.functions = functions
        self._scheduler = scheduler
        self._hazard = hazard
        self._random: random.Random = scheduler.random

    def start(self) -> None:
        self._scheduler.spawn(Process("cron"), self._cron)
        for lane in self.functions.settings.lanes.all():
            for copy in "ab" if self._random.random() < TWO_ENVIRONMENTS else "a":
                trigger = Process(f"trigger {lane.name}{copy}")
                self._scheduler.spawn(trigger, partial(self._trigger, lane, copy))

    def _cron(self) -> None:
        number = 0
        while True:
            number += 1
            for copy in "ab" if self._random.random() < TWO_TICKS else "a":
                self._start_tick(f"{number}{copy}")
            self._scheduler.sleep(self.functions.deployment.tick_every)

    def _start_tick(self, name: str) -> None:
        tick = Process(f"tick {name}")
        self._scheduler.spawn(tick, partial(self.functions.tick, tick))

    def _trigger(self, lane: Lane, copy: str) -> None:
        broker = self.functions.servers.broker
        consumer = MemoryConsumer(broker, lane)
        number = 0
        while True:
            broker.wait_for_a_message(lane, LONGEST_WAIT)
            self._scheduler.sleep(BATCH_WINDOW * self._random.random())
            most = 1 + int(self._random.random() * MOST_MESSAGES)
            batch = consumer.receive(most=most, wait=timedelta(0))
            if not batch:
                continue
            number += 1
            if self._invoke(Process(f"execute {lane.name}{copy} {number}"), lane, batch):
                self._ack(consumer, lane, batch)
            else:
                self._requeue(consumer, batch)

    def _ack(self, consumer: MemoryConsumer, lane: Lane, batch: Sequence[Delivery]) -> None:
        consumer.ack(batch)
        self.poison_acked[lane.name] += sum(delivery.body == POISON for delivery in batch)

    def _requeue(self, consumer: MemoryConsumer, batch: Sequence[Delivery]) -> None:
        consumer.requeue(batch)

    def _invoke(self, process: Process, lane: Lane, batch: Sequence[Delivery]) -> bool:
        """Whether it returned normally, and in time."""
        invocation = _Invocation(over=Bell(self._scheduler))
        bodies = [delivery.body for delivery in batch]
        self.executing.append(process)
        self._scheduler.spawn(process, partial(self._execute, process, lane, bodies, invocation))
        invocation.over.wait(self.functions.deployment.execute_lives)
        self.executing.remove(process)
        if not invocation.ended:
            self._hazard.count("function timeout")
            process.dead = True
        return invocation.succeeded

    def _execute(
        self, process: Process, lane: Lane, bodies: Sequence[bytes], invocation: "_Invocation"
    ) -> None:
        try:
            self.functions.execute(process, lane.name, bodies)
            invocation.succeeded = True
        except BackendUnavailable:
            self._hazard.count("batch given back")
        finally:
            invocation.ended = True
            invocation.over.ring()


@dataclass(slots=True)
class _Invocation:
    """How it ended, once it has."""

    over: Bell
    ended: bool = False
    succeeded: bool = False
