"""The due buffer in this process: for tests, the simulation, and nothing that must last."""

import threading
from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from dueline.domain.errors import BufferLost
from dueline.domain.lanes import Lane
from dueline.domain.tasks import DuePlace, DueTask, TaskRef
from dueline.due_buffer import keys


@dataclass(slots=True)
class _LaneSets:
    due: dict[TaskRef, int] = field(default_factory=dict)  # → score
    in_flight: dict[TaskRef, datetime] = field(default_factory=dict)  # → end of the lease
    watermark: str | None = None  # as in Redis

    def earliest(self) -> int | None:
        return min(self.due.values(), default=None)


class MemoryDueBuffer:
    """See DueBuffer. `now` is the clock of the in-flight leases, which is Redis' own elsewhere."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._changed = threading.Condition()
        self._lanes: defaultdict[str, _LaneSets] = defaultdict(_LaneSets)
        self._announced: set[str] = set()  # lanes that got an earlier task and were not waited for

    def put(self, lane: Lane, tasks: Sequence[DueTask]) -> int:
        with self._changed:
            sets = self._lanes[lane.name]
            before = sets.earliest()
            absent = {
                task.ref: keys.to_score(task.due_at)
                for task in reversed(tasks)  # of equals the first stays
                if task.ref not in sets.due and task.ref not in sets.in_flight
            }
            sets.due.update(absent)
            if absent and (before is None or min(absent.values()) < before):
                self._announced.add(lane.name)
                self._changed.notify_all()
            return len(absent)

    def lease_due(
        self, lane: Lane, *, until: datetime, lease: timedelta, limit: int
    ) -> list[TaskRef]:
        with self._changed:
            sets = self._lanes[lane.name]
            if self.watermark(lane) is None:
                raise BufferLost(f"lane {lane.name} of {lane.count} has no watermark")
            now, score = self._now(), keys.to_score(until)
            expired = [ref for ref, ends in sets.in_flight.items() if ends <= now]
            for ref in expired[:limit]:
                del sets.in_flight[ref]
                sets.due[ref] = score
            ready = [ref for ref, due in sets.due.items() if due <= score]
            leased = sorted(ready, key=sets.due.__getitem__)[:limit]
            for ref in leased:
                del sets.due[ref]
                sets.in_flight[ref] = now + lease
            return leased

    def settle(self, lane: Lane, refs: Sequence[TaskRef]) -> None:
        with self._changed:
            for ref in refs:
                self._lanes[lane.name].in_flight.pop(ref, None)

    def next_due(self, lane: Lane) -> datetime | None:
        with self._changed:
            score = self._lanes[lane.name].earliest()
            return None if score is None else keys.from_score(score)

    def in_flight(self, lane: Lane) -> int:
        with self._changed:
            return len(self._lanes[lane.name].in_flight)

    def watermark(self, lane: Lane) -> DuePlace | None:
        with self._changed:
            return keys.read_watermark(lane, self._lanes[lane.name].watermark)

    def move_watermark(self, lane: Lane, *, old: DuePlace | None, new: DuePlace) -> bool:
        with self._changed:
            if self.watermark(lane) != old:
                return False
            self._lanes[lane.name].watermark = keys.watermark_value(lane, new)
            return True

    def wait(self, lanes: Sequence[Lane], *, timeout: timedelta) -> bool:
        names = {lane.name for lane in lanes}
        with self._changed:
            heard = bool(
                self._changed.wait_for(lambda: names & self._announced, timeout.total_seconds())
            )
            self._announced -= names
            return heard

    def ping(self) -> None:
        """It always answers."""

    def close(self) -> None:
        """There is nothing to let go of."""

    def flush(self) -> None:
        """Lose everything, as Redis may."""
        with self._changed:
            self._lanes.clear()
