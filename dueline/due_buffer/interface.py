"""What the use cases ask of the due buffer.

It is an index, not a store: whatever it forgets, the sweeps put back from the task store.
Everything raises BackendUnavailable("redis") when the server did not answer.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

from dueline.domain.lanes import Lane
from dueline.domain.tasks import DuePlace, DueTask, TaskRef


class DueBuffer(Protocol):
    """Per lane: a sorted set of what is waiting, one of what is in flight to the work queue,
    and a watermark that says how far into the future the lane has been loaded."""

    def put(self, lane: Lane, tasks: Sequence[DueTask]) -> int:
        """Add what is in neither set; how many were new. Wakes tick if one of them is now the
        earliest of the lane. Safe to repeat."""

    def lease_due(
        self, lane: Lane, *, until: datetime, lease: timedelta, limit: int
    ) -> list[TaskRef]:
        """Move up to `limit` tasks with due time <= until into flight, earliest first, for `lease`
        (on Redis' own clock). Leases that ran out go back to waiting first, as due at `until`.

        Raises BufferLost if the lane has no watermark, or one for another number of lanes.
        Never repeated by the client: a lost reply costs one lease.
        """

    def settle(self, lane: Lane, refs: Sequence[TaskRef]) -> None:
        """Forget tasks in flight: their messages are confirmed and marked."""

    def next_due(self, lane: Lane) -> datetime | None:
        """Due time of the earliest waiting task (millisecond resolution, rounded down)."""

    def in_flight(self, lane: Lane) -> int:
        """How many tasks are leased to some tick."""

    def watermark(self, lane: Lane) -> DuePlace | None:
        """How far the lane is loaded; None if it was never, or was flushed, or the number of lanes
        of its queue has changed."""

    def move_watermark(self, lane: Lane, *, old: DuePlace | None, new: DuePlace) -> bool:
        """Compare and set; False if another tick moved it, or a flush removed it meanwhile."""

    def wait(self, lanes: Sequence[Lane], *, timeout: timedelta) -> bool:
        """Return True as soon as a put announces an earlier task of one of the lanes (also one
        that was announced since the last wait began), False after `timeout`. The timeout is
        exact to a millisecond or two. Also True when it cannot know: at the first wait for these
        lanes, and after a lost connection."""

    def ping(self) -> None:
        """Return if the server answers and does not evict (maxmemory-policy noeviction)."""

    def close(self) -> None:
        """Let go of connections. Later calls connect again."""
