"""Schedule stores with a planted bug (mutants.py)."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from dueline.domain.expansion import Expansion
from dueline.domain.missed import Verdict
from dueline.domain.schedules import Recurring, Schedule
from dueline.domain.tasks import DueTask, Task
from dueline.schedule_store.interface import Settled
from tests.simulation.watched_schedules import WatchedSchedules


class ExpandsWithoutGuards(WatchedSchedules):
    """Neither compares what was seen nor keeps an instant to one task."""

    def _is_as(self, seen: Recurring) -> bool:
        return seen.id in self._schedules

    def _insert(self, schedule_id: str, tasks: Sequence[Task]) -> list[Task]:  # noqa: ARG002
        self._rows._tasks.update((task.id, task) for task in tasks)  # noqa: SLF001
        return list(tasks)


class MovesOnBeforeItInserts(WatchedSchedules):
    """In two statements: the process can be killed between them."""

    def expand(self, expansions: Sequence[Expansion], *, now: datetime) -> set[str]:
        empty = [replace(expansion, occurrences=()) for expansion in expansions]
        held = [e for e in expansions if self._is_as(e.seen)]
        super().expand(empty, now=now)
        self._hazard.step("inserts the occurrences")
        moved = [
            replace(e, seen=replace(e.seen, next_at=self._schedules[e.seen.id].next_at))
            for e in held
        ]
        return super().expand(moved, now=now)


class TakesBackMoreThanItRewinds(WatchedSchedules):
    """An edit that begins at the instant after the next."""

    def replace(self, seen: Schedule, new: Schedule, *, now: datetime) -> bool:
        late = new.next_at and new.next_at + (new.next_at - now)
        return super().replace(seen, replace(new, next_at=late), now=now)


class SkipsInSilence(WatchedSchedules):
    def settle(self, settled: Sequence[Settled], *, now: datetime) -> list[tuple[str, DueTask]]:
        silent = [
            one._replace(verdicts=[(ref, Verdict(v.due_at, None)) for ref, v in one.verdicts])
            for one in settled
        ]
        return super().settle(silent, now=now)
