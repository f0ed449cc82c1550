"""What servers and strangers do: data is lost, clocks jump, messages come that no tick sent."""

import random
from collections.abc import Callable, Sequence
from datetime import timedelta

from dueline.domain.ids import new_task_id
from dueline.domain.lanes import Lane
from dueline.domain.messages import encode_message
from dueline.domain.tasks import TaskRef
from tests.simulation.deployment import SECOND, TROUBLE
from tests.simulation.faults import SERVERS, Hazard
from tests.simulation.platform import POISON, Platform
from tests.simulation.scheduler import START, Process, Scheduler

LONGEST_OUTAGE = 6 * SECOND
LONGEST_JUMP = 5 * SECOND  # of Redis' clock, either way


class Chaos:
    """Each run has some kinds of it, some have none."""

    def __init__(self, scheduler: Scheduler, hazard: Hazard, platform: Platform) -> None:
        self._scheduler = scheduler
        self._hazard = hazard
        self._platform = platform
        self._servers = platform.functions.servers
        self._random: random.Random = scheduler.random

    def start(self) -> None:
        kinds: Sequence[Callable[[], None]] = [
            kind
            for kind in (
                self._flush,
                self._fail_over,
                self._lose_queue,
                self._forge_message,
                self._old_message,
                self._poison,
                self._repeat_message,
                self._outage,
                self._move_redis_clock,
                self._call_off,
                self._kill_execute,
                self._freeze_execute,
            )
            if self._random.random() < 0.5
        ]
        if kinds:
            self._scheduler.spawn(Process("chaos"), lambda: self._live(kinds))

    def _live(self, kinds: Sequence[Callable[[], None]]) -> None:
        while True:
            self._scheduler.sleep(4 * SECOND * self._random.random())
            if self._scheduler.now > START + TROUBLE - SECOND:
                return
            kind = self._random.choice(kinds)
            name = kind.__name__.strip("_").replace("_", " ")
            self._hazard.count(name)
            self._scheduler.note(name)
            kind()

    def _flush(self) -> None:
        self._servers.buffer.flush()

    def _fail_over(self) -> None:
        """Redis' replica, which was behind, takes over."""
        self._servers.buffer.replicate()
        self._scheduler.sleep(2 * SECOND * self._random.random())
        self._servers.buffer.fail_over()

    def _lose_queue(self) -> None:
        self._servers.broker.lose(self._a_lane())

    def _forge_message(self) -> None:
        """A stranger names a task that does not exist."""
        task_id = new_task_id(self._scheduler.now, self._random.randbytes(10))
        self._send(TaskRef(task_id, 0))

    def _old_message(self) -> None:
        """A task that exists, under a fence that it had, has, or will have."""
        if tasks := self._servers.store.tasks():
            task = self._random.choice(tasks)
            self._send(TaskRef(task.id, max(0, task.fence + self._random.choice((-2, -1, 0, 1)))))

    def _poison(self) -> None:
        self._servers.broker.arrive(self._a_lane(), POISON)

    def _repeat_message(self) -> None:
        lane = self._a_lane()
        if bodies := self._servers.broker.bodies(lane):
            self._servers.broker.arrive(lane, self._random.choice(bodies))

    def _outage(self) -> None:
        server = self._random.choice(SERVERS)
        self._hazard.count(f"outage of {server}")
        self._hazard.down.add(server)
        self._scheduler.sleep(LONGEST_OUTAGE * self._random.random())
        self._hazard.down.discard(server)

    def _move_redis_clock(self) -> None:
        offset: timedelta = LONGEST_JUMP * self._random.uniform(-1, 1)
        self._servers.buffer.clock_offset = offset

    def _call_off(self) -> None:
        """Someone asks to cancel a task that may be running."""
        if tasks := self._servers.store.tasks():
            task = self._random.choice(tasks)
            self._servers.store.cancel(task.tenant, [task.id], now=self._scheduler.now)

    def _kill_execute(self) -> None:
        if executing := self._platform.executing:
            self._random.choice(executing).dead = True

    def _freeze_execute(self) -> None:
        """For longer than its lease; then it goes on as if nothing had been."""
        if executing := self._platform.executing:
            duration = self._platform.functions.settings.lease * self._random.uniform(1, 1.5)
            self._scheduler.freeze(self._random.choice(executing), duration)

    def _send(self, ref: TaskRef) -> None:
        self._servers.broker.arrive(self._a_lane(), encode_message([ref]))

    def _a_lane(self) -> Lane:
        return self._random.choice(self._platform.functions.settings.lanes.all())
