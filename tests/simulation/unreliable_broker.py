"""The broker of a run: what it says of a message is not always what it did with it."""

from collections.abc import Sequence
from datetime import timedelta
from functools import partial

from dueline.domain.lanes import Lane
from dueline.work_queue.interface import Delivery, Published
from dueline.work_queue.memory import MemoryBroker
from tests.simulation.bell import Bell
from tests.simulation.faults import Hazard, MessageFate
from tests.simulation.scheduler import Process, Scheduler

LATEST = timedelta(seconds=10)  # a message held back by an alarm arrives after at most this
OUT_OF_ORDER = 0.1  # how often what is handed out is not what came first


class UnreliableBroker(MemoryBroker):
    """Decides badly now and then."""

    def __init__(self, hazard: Hazard, scheduler: Scheduler) -> None:
        super().__init__()
        self._hazard = hazard
        self._scheduler = scheduler
        self._random = scheduler.random
        self._holding_back = Process("broker")
        self._arrival = Bell(scheduler)

    def take_in(self, lane: Lane, body: bytes) -> Published:
        """The publisher can be killed before any of its messages."""
        self._hazard.step("publishes a message")
        fate = self._hazard.of_message()
        match fate:
            case None:
                return self.arrive(lane, body)
            case MessageFate.TWICE:
                self.arrive(lane, body)
                return self.arrive(lane, body)
            case MessageFate.CONFIRMED_BUT_LOST:
                return Published.CONFIRMED
            case MessageFate.RETURNED:
                return Published.RETURNED
            case MessageFate.UNKNOWN_BUT_THERE:
                self.arrive(lane, body)
            case MessageFate.UNKNOWN_BUT_LATER:
                self._hold_back(lane, body)
        return Published.UNKNOWN

    def arrive(self, lane: Lane, body: bytes) -> Published:
        """A message reaches the broker, whoever sent it."""
        answer = super().take_in(lane, body)
        self._arrival.ring()
        return answer

    def take_back(self, lane: Lane, deliveries: Sequence[Delivery]) -> None:
        super().take_back(lane, deliveries)
        self._arrival.ring()

    def wait_for_a_message(self, lane: Lane, timeout: timedelta) -> None:
        if self.depth(lane) == 0:
            self._arrival.wait(timeout)

    def hand_out(self, lane: Lane, most: int) -> list[Delivery]:
        queue = self._queues.get(lane.name)
        if queue and self._random.random() < OUT_OF_ORDER:
            queue.rotate(int(self._random.random() * len(queue)))
        return super().hand_out(lane, most)

    def bodies(self, lane: Lane) -> Sequence[bytes]:
        """What waits in the lane's queue."""
        return [delivery.body for delivery in self._queues.get(lane.name, ())]

    def _hold_back(self, lane: Lane, body: bytes) -> None:
        arrives = partial(self.arrive, lane, body)
        delay = LATEST * self._random.random()
        self._scheduler.spawn(self._holding_back, arrives, after=delay)
