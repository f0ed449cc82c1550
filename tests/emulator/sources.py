"""A queue in memory, as the queue trigger sees a broker."""

import threading
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from dueline.domain.errors import BackendUnavailable
from dueline.work_queue.interface import Delivery


def make_delivery(number: int, **changes: Any) -> Delivery:
    defaults: dict[str, Any] = {
        "body": f"message {number}".encode(),
        "redelivered": False,
        "token": str(number),
    }
    return Delivery(**{**defaults, **changes})


class ListSource:
    """Keeps what is ready, taken and acked. While `down`, every call fails and all taken is ready
    again, as with a broker whose connection is lost.
    """

    def __init__(self, *ready: Delivery) -> None:
        self.ready = list(ready)
        self.taken: list[Delivery] = []
        self.acked: list[Delivery] = []
        self.requeued: list[list[Delivery]] = []
        self.down = 0  # so many calls fail
        self.is_closed = False
        self._changed = threading.Condition()

    def put(self, *deliveries: Delivery) -> None:
        with self._changed:
            self.ready += deliveries
            self._changed.notify_all()

    def receive(self, *, most: int, wait: timedelta) -> list[Delivery]:
        self._check()
        with self._changed:
            self._changed.wait_for(lambda: self.ready, timeout=wait.total_seconds())
            batch, self.ready = self.ready[:most], self.ready[most:]
            self.taken += batch
            return batch

    def ack(self, deliveries: Sequence[Delivery]) -> None:
        self._check()
        self._settle(deliveries)
        self.acked += deliveries

    def requeue(self, deliveries: Sequence[Delivery]) -> None:
        self._check()
        self._settle(deliveries)
        self.requeued.append(list(deliveries))
        self.put(*deliveries)

    def close(self) -> None:
        self.is_closed = True

    def _settle(self, deliveries: Sequence[Delivery]) -> None:
        for delivery in deliveries:
            self.taken.remove(delivery)

    def _check(self) -> None:
        if self.down:
            self.down -= 1
            self.ready, self.taken = self.taken + self.ready, []
            raise BackendUnavailable("rabbitmq", "connection lost")
