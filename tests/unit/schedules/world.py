"""A schedule store, a buffer and a clock that is moved by hand: what tick and `schedule` do."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from dueline.config import Settings
from dueline.domain.lanes import Lane
from dueline.domain.schedules import Schedule, begun
from dueline.domain.tasks import Task, TaskRef, TaskStatus
from dueline.due_buffer.memory import MemoryDueBuffer
from dueline.schedule_store.memory import MemoryScheduleStore
from dueline.task_store.memory import MemoryTaskStore
from dueline.usecases.add_schedule import add_schedule
from dueline.usecases.change_schedule import change_schedule
from dueline.usecases.look_after_schedules import LookedAfter, look_after_schedules
from tests.factories import MINUTE, NOON, make_outcome, make_schedule, make_settings

LANE = Lane("default", 0, 1)
WORKER = "worker-1"


@dataclass(slots=True)
class World:
    """Everything in memory. `now` stands still until a test moves it."""

    now: datetime = NOON
    settings: Settings = field(default_factory=make_settings)
    tasks: MemoryTaskStore = field(default_factory=MemoryTaskStore)
    schedules: MemoryScheduleStore = field(init=False)
    buffer: MemoryDueBuffer = field(init=False)

    def __post_init__(self) -> None:
        self.schedules = MemoryScheduleStore(self.tasks)
        self.buffer = MemoryDueBuffer(lambda: self.now)

    @property
    def tools(self) -> dict[str, Any]:
        """What the use cases work with."""
        return {
            "store": self.schedules,
            "buffer": self.buffer,
            "now": self.now,
            "settings": self.settings,
        }

    def add(self, rule: str = '{"cron": "* * * * *"}', **overrides: Any) -> Schedule:
        """A new schedule, and its first occurrences."""
        times = {"created_at": self.now, "updated_at": self.now, "next_at": None}
        schedule = begun(make_schedule(**{"rule": rule, **times, **overrides}))
        assert add_schedule(schedule, **self.tools)
        return schedule

    def tick(self) -> LookedAfter:
        """What a pass of tick does for schedules, again and again until there is no more."""
        done = look_after_schedules(outdated=True, **self.tools)
        while done.more:
            done = look_after_schedules(outdated=done.outdated, **self.tools)
        return done

    def change(self, schedule: Schedule, change: Callable[[Schedule], Schedule]) -> Schedule:
        return change_schedule(self.found(schedule), change, **self.tools)

    def found(self, schedule: Schedule) -> Schedule:
        found = self.schedules.get(schedule.tenant, schedule.id)
        assert found
        return found

    def tasks_of(self, schedule: Schedule, *, until: datetime | None = None) -> list[Task]:
        """Its occurrences up to an instant (now), in order."""
        return self.schedules.occurrences(
            schedule.tenant, schedule.id, at=until or self.now, before=100_000, after=0
        )

    def run_due(self, *, status: TaskStatus = TaskStatus.COMPLETED) -> list[Task]:
        """Claim what is pending and due, and end it so: what dispatch and execute do."""
        due = [
            task.ref
            for task in self.tasks.pending_page(LANE, after=None, until=self.now, limit=100_000)
        ]
        lease = timedelta(minutes=1)
        claimed = self.tasks.claim(due, now=self.now, until=self.now, lease=lease, worker=WORKER)
        error = "it failed" if status is TaskStatus.FAILED else None
        outcomes = [
            make_outcome(claim, status=status, started_at=self.now, ended_at=self.now, error=error)
            for claim in claimed.claims
        ]
        self.tasks.record(outcomes, worker=WORKER)
        return [task for claim in claimed.claims if (task := self.task(claim.ref))]

    def task(self, ref: TaskRef) -> Task | None:
        return self.tasks.get("default", ref.id)


def minutes(first: int, last: int) -> list[datetime]:
    """The full minutes from so many after noon to so many, both included."""
    return [NOON + n * MINUTE for n in range(first, last + 1)]


def statuses(tasks: list[Task]) -> list[str]:
    return [task.status.value for task in tasks]
