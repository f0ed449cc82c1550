"""The three servers of a run, and how a process reaches them."""

from collections.abc import Sequence
from typing import Any

from dueline.domain.lanes import Lane
from dueline.domain.tasks import FINAL
from dueline.stats_store.memory import MemoryStatsStore
from dueline.work_queue.memory import MemoryWorkQueue
from tests.simulation.clock import SimulatedClock
from tests.simulation.faults import Hazard
from tests.simulation.port import Port, QueuePort
from tests.simulation.scheduler import Process, Scheduler
from tests.simulation.unreliable_broker import UnreliableBroker
from tests.simulation.watched_buffer import WatchedBuffer
from tests.simulation.watched_schedules import WatchedSchedules
from tests.simulation.watched_store import WatchedStore


class Servers:
    """`store`, `buffer` and `broker` as they are; `reach_*` as a process sees them."""

    def __init__(
        self,
        scheduler: Scheduler,
        hazard: Hazard,
        *,
        store: type[WatchedStore],
        schedules: type[WatchedSchedules],
        buffer: type[WatchedBuffer],
        broker: type[UnreliableBroker],
        clock: type[SimulatedClock],
    ) -> None:
        self.store = store(scheduler)
        self.schedules = schedules(self.store, hazard)
        self.buffer = buffer(scheduler)
        self.broker = broker(hazard, scheduler)
        self.reach_store: Any = Port(self.store, "postgres", hazard, scheduler)
        self.reach_stats: Any = Port(MemoryStatsStore(self.store), "postgres", hazard, scheduler)
        self.reach_schedules: Any = Port(self.schedules, "postgres", hazard, scheduler)
        self.reach_buffer: Any = Port(self.buffer, "redis", hazard, scheduler)
        self.reach_queue: Any = QueuePort(
            MemoryWorkQueue(self.broker), "rabbitmq", hazard, scheduler
        )
        self._scheduler = scheduler
        self._clock = clock

    def clock_of(self, process: Process) -> SimulatedClock:
        return self._clock(self._scheduler, process, self.reach_store.server_time)

    def at_rest(self, lanes: Sequence[Lane]) -> bool:
        """Whether every task is final, no schedule goes on, and nothing lies about."""
        return not (
            any(self.broker.depth(lane) for lane in lanes)
            or any(self.buffer.left().values())
            or any(task.status not in FINAL for task in self.store.tasks())
            or self.schedules.unfinished()
        )
