"""A work queue in this process: for tests, the simulation, and nothing that must last."""

import threading
from collections import deque
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from itertools import count

from dueline.domain.lanes import Lane
from dueline.work_queue.interface import Delivery, Published


class MemoryBroker:
    """What both sides share: a list of messages per lane.

    Each thing that a broker decides is one method here, so that a subclass can decide badly:
    lose what it confirmed, take in twice, answer UNKNOWN for what it took.
    """

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self._queues: dict[str, deque[Delivery]] = {}
        self._tokens = count(1)

    def declare(self, lane: Lane) -> None:
        with self.changed:
            self._queues.setdefault(lane.name, deque())

    def take_in(self, lane: Lane, body: bytes) -> Published:
        """Put a message into the lane's queue, and say so."""
        with self.changed:
            if lane.name not in self._queues:
                return Published.RETURNED
            token = str(next(self._tokens))
            self._queues[lane.name].append(Delivery(body=body, redelivered=False, token=token))
            self.changed.notify_all()
            return Published.CONFIRMED

    def hand_out(self, lane: Lane, most: int) -> list[Delivery]:
        """Up to `most` messages, which then belong to a consumer."""
        with self.changed:
            queue = self._queues.get(lane.name, deque())
            return [queue.popleft() for _ in range(min(most, len(queue)))]

    def take_back(self, lane: Lane, deliveries: Sequence[Delivery]) -> None:
        """What a consumer did not want or could not ack: it comes again, first."""
        with self.changed:
            again = [replace(delivery, redelivered=True) for delivery in deliveries]
            self._queues.setdefault(lane.name, deque()).extendleft(reversed(again))
            self.changed.notify_all()

    def depth(self, lane: Lane) -> int:
        with self.changed:
            return len(self._queues.get(lane.name, ()))

    def lose(self, lane: Lane) -> None:
        """The lane's queue is gone, with all that was ready in it."""
        with self.changed:
            self._queues.pop(lane.name, None)


class MemoryWorkQueue:
    """See WorkQueue."""

    def __init__(self, broker: MemoryBroker) -> None:
        self._broker = broker
        self._declared: set[Lane] = set()

    def publish(
        self,
        lane: Lane,
        bodies: Sequence[bytes],
        *,
        deadline: timedelta,  # noqa: ARG002 - it is never late
    ) -> list[Published]:
        if lane not in self._declared:
            self.declare([lane])
        answers = [self._broker.take_in(lane, body) for body in bodies]
        if Published.RETURNED in answers:
            self._declared.discard(lane)  # so the next round declares it again
        return answers

    def depth(self, lane: Lane) -> int:
        return self._broker.depth(lane)

    def declare(self, lanes: Sequence[Lane]) -> None:
        for lane in lanes:
            self._broker.declare(lane)
            self._declared.add(lane)

    def ping(self) -> None:
        """It always answers."""

    def close(self) -> None:
        self._declared.clear()


class MemoryConsumer:
    """See WorkQueueConsumer."""

    def __init__(self, broker: MemoryBroker, lane: Lane) -> None:
        self._broker = broker
        self._lane = lane
        self._unsettled: dict[str, Delivery] = {}  # by token
        broker.declare(lane)

    def receive(self, *, most: int, wait: timedelta) -> list[Delivery]:
        with self._broker.changed:
            self._broker.changed.wait_for(
                lambda: self._broker.depth(self._lane) > 0, timeout=wait.total_seconds()
            )
            deliveries = self._broker.hand_out(self._lane, most)
        self._unsettled |= {delivery.token: delivery for delivery in deliveries}
        return deliveries

    def ack(self, deliveries: Sequence[Delivery]) -> None:
        self._settled(deliveries)

    def requeue(self, deliveries: Sequence[Delivery]) -> None:
        self._broker.take_back(self._lane, self._settled(deliveries))

    def close(self) -> None:
        self.requeue(list(self._unsettled.values()))

    def _settled(self, deliveries: Sequence[Delivery]) -> list[Delivery]:
        settled = [self._unsettled.pop(delivery.token, None) for delivery in deliveries]
        return [delivery for delivery in settled if delivery is not None]
