"""Lanes: how a queue is cut into shards that are worked on side by side.

A task belongs to one of 256 slots for ever (the last byte of its id, which is random). A lane
owns an equal range of slots. So the number of lanes of a queue can change at any time: no row
says which lane it is in.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import TypeVar

SLOTS = 256
QUEUE_PATTERN = r"[a-z0-9][a-z0-9_-]{0,47}"
T = TypeVar("T")


def slot_of(task_id: str) -> int:
    """The slot of a task, 0 to 255, from the canonical text of its id."""
    return int(task_id[-2:], 16)


@dataclass(frozen=True, slots=True, order=True)
class Lane:
    """Shard `index` of the `count` shards of a queue; written `default.0`."""

    queue: str
    index: int
    count: int

    @property
    def name(self) -> str:
        return f"{self.queue}.{self.index}"

    @property
    def slots(self) -> range:
        """The slots that are this lane's."""
        return range(
            -(-self.index * SLOTS // self.count), -(-(self.index + 1) * SLOTS // self.count)
        )


@dataclass(frozen=True, slots=True)
class LaneMap:
    """Every lane of an installation: queue name → number of lanes (1 to 256)."""

    counts: Mapping[str, int]

    def all(self) -> list[Lane]:
        return [lane for queue in self.counts for lane in self.of_queue(queue)]

    def of_queue(self, queue: str) -> list[Lane]:
        count = self.counts[queue]
        return [Lane(queue, index, count) for index in range(count)]

    def of_task(self, queue: str, task_id: str) -> Lane:
        """The lane of a task. KeyError where the queue is unknown."""
        count = self.counts[queue]
        return Lane(queue, slot_of(task_id) * count // SLOTS, count)

    def named(self, name: str) -> Lane:
        """The lane written `name`. KeyError where there is none."""
        queue, _, index = name.rpartition(".")
        return {lane.name: lane for lane in self.of_queue(queue)}[f"{queue}.{index}"]

    def by_lane(self, items: Iterable[tuple[str, str, T]]) -> list[tuple[Lane, list[T]]]:
        """Sort (queue, task id, item) triples into their lanes.

        Items of a queue that is not configured are left out: no lane could take them.
        """
        groups: dict[tuple[str, int], list[T]] = {}
        for queue, task_id, item in items:
            if count := self.counts.get(queue):
                index = slot_of(task_id) * count // SLOTS
                groups.setdefault((queue, index), []).append(item)
        return [
            (Lane(queue, index, self.counts[queue]), groups[queue, index])
            for queue, index in sorted(groups)
        ]
