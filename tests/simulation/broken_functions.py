"""Functions, clocks, a broker and a platform with a planted bug (mutants.py)."""

from collections.abc import Sequence
from datetime import datetime

from dueline.domain.lanes import Lane
from dueline.domain.tasks import Task
from dueline.work_queue.interface import Delivery, Published
from dueline.work_queue.memory import MemoryConsumer
from tests.simulation.clock import SimulatedClock
from tests.simulation.deployment import SECOND
from tests.simulation.functions import Functions
from tests.simulation.platform import POISON, Platform
from tests.simulation.scheduler import Process
from tests.simulation.unreliable_broker import UnreliableBroker


class AnswersBeforeCommit(Functions):
    def schedule(self, process: Process, tasks: Sequence[Task]) -> None:
        self._acknowledge(tasks)
        self._accept(process, tasks)


class ClockAhead(SimulatedClock):
    def now(self) -> datetime:
        return super().now() + SECOND


class ClockThatNeverWaits(SimulatedClock):
    def sleep_until(self, instant: datetime) -> None:
        pass


class ConfirmsEverything(UnreliableBroker):
    def take_in(self, lane: Lane, body: bytes) -> Published:
        super().take_in(lane, body)
        return Published.CONFIRMED


class AcksFirst(Platform):
    def _requeue(self, consumer: MemoryConsumer, batch: Sequence[Delivery]) -> None:
        """Too late: the broker has forgotten it."""
        consumer.ack(batch)


class PutsPoisonBack(Platform):
    def _ack(self, consumer: MemoryConsumer, lane: Lane, batch: Sequence[Delivery]) -> None:
        poison = [delivery for delivery in batch if delivery.body == POISON]
        super()._ack(consumer, lane, [delivery for delivery in batch if delivery not in poison])
        self._requeue(consumer, poison)
