"""Editing a schedule, again and again while time goes on: nothing is lost, nothing is doubled."""

import json
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from hypothesis import Phase, find, given, settings
from hypothesis import strategies as st

from dueline.domain.recurrence import between, parse_rule
from dueline.domain.schedules import Schedule
from dueline.schedule_store.memory import MemoryScheduleStore
from dueline.task_store.memory import MemoryTaskStore
from dueline.usecases.expand_schedules import expand_schedules
from tests.functions.conftest import Caller
from tests.functions.memory_services import NOON, MemoryServices, StandingClock

RULES: list[dict[str, Any]] = [
    {"every": 7},
    {"every": "PT1M"},
    {"cron": "*/15 * * * * *"},
    {"cron": "* * * * *"},
    {"cron": "30 0/2 * * * *", "exclude": "* 12 * * *"},
]


class Step(NamedTuple):
    """Time passes, tick may look around, and the schedule is put with one of RULES."""

    after_ms: int
    tick: bool
    rule: int


STEPS = st.lists(
    st.builds(Step, st.integers(0, 100_000), st.booleans(), st.integers(0, len(RULES) - 1)),
    min_size=1,
    max_size=5,
)


class SetClock(StandingClock):
    """It shows what it was set to."""

    def __init__(self) -> None:
        super().__init__()
        self.at = NOON

    def now(self) -> datetime:
        return self.at


class World:
    """A schedule called `edited`, the requests that change it, and the tick beside them."""

    def __init__(self, store_class: type[MemoryScheduleStore] = MemoryScheduleStore) -> None:
        self.services = MemoryServices()
        self.services.store = tasks = MemoryTaskStore()
        self.services.schedules = self.store = store_class(tasks)
        self.services.standing_clock = self.clock = SetClock()
        self._caller = Caller(self.services)
        self._in_force: list[tuple[datetime, dict[str, Any]]] = []
        self.put(RULES[0])

    def put(self, rule: dict[str, Any]) -> None:
        body = json.dumps({"type": "report", **rule})
        answer = self._caller.ask("PUT", "/schedules/{schedule}", body, schedule="edited")
        assert answer.status in {200, 201}, answer.text
        self._in_force.append((self.clock.at, rule))

    def tick(self) -> None:
        while expand_schedules(
            store=self.store,
            buffer=self.services.due_buffer(),
            now=self.clock.at,
            settings=self.services.settings(),
        ).more:
            pass

    def wanted(self) -> list[datetime]:
        """The instants of each rule for as long as it was in force."""
        ends = [at for at, _ in self._in_force[1:]] + [self.clock.at]
        return [
            instant
            for (start, rule), end in zip(self._in_force, ends, strict=True)
            for instant in between(parse_rule(rule, anchor=NOON), start, end, limit=9_999)
        ]

    def made(self) -> list[datetime]:
        """The instants until now that have a task."""
        [schedule] = [self.store.get_by_name("default", "edited")]
        assert schedule is not None
        tasks = self.store.occurrences(
            "default", schedule.id, at=self.clock.at, before=99_999, after=0
        )
        return [task.occurrence_at for task in tasks if task.occurrence_at]


def after(steps: Sequence[Step], world: World) -> World:
    for step in steps:
        world.clock.at += timedelta(milliseconds=step.after_ms)
        if step.tick:
            world.tick()
        world.put(RULES[step.rule])
    world.clock.at += timedelta(minutes=5)
    world.tick()
    return world


@given(STEPS)
@settings(max_examples=25, deadline=None)
def test_every_instant_of_every_rule_in_its_time_has_one_task(steps: list[Step]) -> None:
    world = after(steps, World())

    assert Counter(world.made()) == Counter(world.wanted())


class LeavesThemThere(MemoryScheduleStore):
    """A planted bug: a change does not take back what was made under the old rule."""

    def replace(self, seen: Schedule, new: Schedule, *, now: datetime) -> bool:
        if not self._is_as(seen):
            return False
        self._schedules[seen.id] = replace(new, version=seen.version + 1, updated_at=now)
        return True


def test_a_store_that_takes_nothing_back_is_found_out() -> None:
    def is_wrong(steps: list[Step]) -> bool:
        world = after(steps, World(LeavesThemThere))
        return Counter(world.made()) != Counter(world.wanted())

    assert find(STEPS, is_wrong, settings=settings(deadline=None, phases=[Phase.generate])) != []
