"""Schedules under production's settings, without a fault: on time, once, and by their policies."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial
from itertools import pairwise
from typing import Any

import pytest

from dueline.domain.ids import new_task_id
from dueline.domain.missed import Missed, MissedPolicy
from dueline.domain.schedules import Schedule, begun
from dueline.domain.tasks import Task, TaskStatus
from tests.factories import make_schedule
from tests.simulation.clients import Clients
from tests.simulation.deployment import PRODUCTION, SECOND
from tests.simulation.faults import Faults, Hazard
from tests.simulation.one_fault import NoChaos
from tests.simulation.platform import Platform
from tests.simulation.recurring import SchedulingClients
from tests.simulation.run import Parts, Run
from tests.simulation.scheduler import START, Process

MINUTE = timedelta(minutes=1)
STOPPED_FOR = 10 * MINUTE


class NoClients(Clients):
    def start(self) -> None:
        """Nobody asks for a single task."""


class OneSchedule(SchedulingClients):
    """Asks for one schedule, at the start of the run."""

    def __init__(self, *args: Any, wish: dict[str, Any]) -> None:
        super().__init__(*args)
        self._wish = wish

    def start(self) -> None:
        process = Process("schedule")
        self._scheduler.spawn(process, partial(self._add, process))

    def _new_schedule(self) -> Schedule:
        now = self._scheduler.now
        times = {"created_at": now, "updated_at": now, "next_at": None}
        wish = {"id": new_task_id(now, bytes(10)), "type": "work", **times, **self._wish}
        return begun(make_schedule(**wish))

    def _add(self, process: Process) -> None:
        self._functions.add_schedule(process, self._new_schedule())


class TwoTicks(Platform):
    """Side by side, all the time."""

    def _cron(self) -> None:
        while True:
            self._start_tick("a")
            self._start_tick("b")
            self._scheduler.sleep(self.functions.deployment.tick_every)


class Stopped(TwoTicks):
    """Two ticks that end after a minute, and then none for ten minutes."""

    def _cron(self) -> None:
        self._start_tick("a")
        self._start_tick("b")
        self._scheduler.sleep(self.functions.deployment.tick_lives + STOPPED_FOR)
        super()._cron()


def played(platform: type[Platform], *, lasts: timedelta, **wish: Any) -> list[Task]:
    """The occurrences of a schedule after a calm run."""
    parts = Parts(
        deployment=PRODUCTION,
        hazard=lambda scheduler: Hazard(scheduler, Faults(), timedelta(0)),
        platform=platform,
        clients=NoClients,
        scheduling=partial(OneSchedule, wish=wish),  # type: ignore[arg-type]
        chaos=NoChaos,
        trouble=lasts,
        bound=timedelta(minutes=3),
    )
    run = Run(1, parts).play()
    tasks = [task for task in run.servers.store.tasks() if task.occurrence_at]
    return sorted(tasks, key=lambda task: str(task.occurrence_at))


def ends_at(instant: datetime) -> str:
    return f'"ends_at": "{instant.isoformat()}"'


def test_each_second_fires_sixty_times_in_a_minute_with_two_ticks() -> None:
    rule = f'{{"every": "PT1S", {ends_at(START + MINUTE)}}}'

    tasks = played(TwoTicks, lasts=MINUTE + 5 * SECOND, rule=rule)

    assert [task.occurrence_at for task in tasks] == [START + n * SECOND for n in range(1, 61)]
    assert {task.status for task in tasks} == {TaskStatus.COMPLETED}
    assert {task.attempt for task in tasks} == {1}
    late = [task.lateness for task in tasks if task.lateness is not None]
    assert len(late) == 60
    assert max(late) < SECOND


def stopped(missed: Missed) -> Sequence[Task]:
    """A minutely schedule through the ten minutes, and one more."""
    back = START + PRODUCTION.tick_lives + STOPPED_FOR
    last = back + MINUTE
    rule = f'{{"cron": "* * * * *", {ends_at(last)}}}'
    tasks = played(Stopped, lasts=last - START + MINUTE, rule=rule, missed=missed)
    stops = START + PRODUCTION.tick_lives
    return [task for task in tasks if task.occurrence_at and stops < task.occurrence_at < back]


@pytest.mark.parametrize(
    ("policy", "run"), [(MissedPolicy.LATEST, 1), (MissedPolicy.ALL, 10), (MissedPolicy.SKIP, 0)]
)
def test_after_ten_minutes_without_a_tick_the_policy_decides(
    policy: MissedPolicy, run: int
) -> None:
    missed = replace(Missed(policy=policy, pace=5 * SECOND), within=None)

    tasks = stopped(missed)

    skipped = TaskStatus.SKIPPED
    assert [task.status for task in tasks] == [skipped] * (10 - run) + [TaskStatus.COMPLETED] * run
    assert all((task.error or "").startswith("missed:") for task in tasks[: 10 - run])
    starts = [task.first_started_at for task in tasks[10 - run :] if task.first_started_at]
    assert starts == sorted(starts)
    gaps = [later - start for start, later in pairwise(starts)]
    assert all(gap > 4 * SECOND for gap in gaps)
