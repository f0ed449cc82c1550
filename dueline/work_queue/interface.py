"""What is asked of the work queue: publishing by tick, consuming by the local queue trigger.

On AWS the platform's event source mapping consumes; only the local trigger and tests use
WorkQueueConsumer. Everything raises BackendUnavailable("rabbitmq" or "redis") when the broker did
not answer.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum
from typing import Protocol

from dueline.domain.lanes import Lane


class Published(StrEnum):
    """What is known of a published message."""

    CONFIRMED = "confirmed"  # the broker has it, on disk, in a queue
    RETURNED = "returned"  # no queue took it: the topology is not declared
    UNKNOWN = "unknown"  # no answer in time, or refused: it may still arrive


class WorkQueue(Protocol):
    """The publishing side."""

    def publish(
        self, lane: Lane, bodies: Sequence[bytes], *, deadline: timedelta
    ) -> list[Published]:
        """Publish persistent messages, pipelined, and wait for their confirms, `deadline` for all.

        One answer per body, in order. It never raises for an unreachable or blocked broker: then
        every answer that is missing is UNKNOWN.
        """

    def depth(self, lane: Lane) -> int:
        """Messages ready in the lane's queue (those given to a consumer are not counted)."""

    def declare(self, lanes: Sequence[Lane]) -> None:
        """Make each lane's queue and what it needs. Safe to repeat; re-done on every connect."""

    def ping(self) -> None:
        """Return if the broker answers."""

    def close(self) -> None:
        """Let go of connections. Later calls connect again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """One message as it came from the broker."""

    body: bytes
    redelivered: bool  # a hint, never a counter
    token: str  # what ack and requeue need to name it
    properties: Mapping[str, object] = field(default_factory=dict)  # as the broker gave them
    headers: Mapping[str, object] = field(default_factory=dict)


class WorkQueueConsumer(Protocol):
    """The consuming side of one lane: at least once, acked by hand."""

    def receive(self, *, most: int, wait: timedelta) -> list[Delivery]:
        """Block up to `wait` for a first message, then take what is already there, up to `most`."""

    def ack(self, deliveries: Sequence[Delivery]) -> None:
        """Done: they never come again."""

    def requeue(self, deliveries: Sequence[Delivery]) -> None:
        """Give them back: they come again, redelivered."""

    def close(self) -> None:
        """Let go; whatever was not acked comes again, to whoever consumes next."""
