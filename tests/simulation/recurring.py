"""Those who ask for schedules in a run, and what must have come of them: by arithmetic alone."""

import random
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from dueline.domain.errors import BackendUnavailable
from dueline.domain.ids import new_task_id
from dueline.domain.missed import Missed, MissedPolicy
from dueline.domain.overlap import Overlap
from dueline.domain.retry import RetryPolicy
from dueline.domain.schedules import Schedule, ScheduleChanged, begun
from tests.simulation.deployment import SECOND, TROUBLE
from tests.simulation.functions import Functions
from tests.simulation.scheduler import START, Process, Scheduler

LAST_INSTANT = START + TROUBLE - 2 * SECOND
TYPES = ("work", "work", "long", "error", "give up")


class SchedulingClients:
    """One or two schedules in half of the runs, and someone who edits them now and again."""

    def __init__(self, scheduler: Scheduler, functions: Functions) -> None:
        self._scheduler = scheduler
        self._functions = functions
        self._random: random.Random = scheduler.random

    def start(self) -> None:
        for number in range(1, 1 + self._random.choice((0, 0, 1, 2))):
            process = Process(f"schedule r{number}")
            after = TROUBLE / 2 * self._random.random()
            self._scheduler.spawn(process, partial(self._add, process), after=after)

    def _add(self, process: Process) -> None:
        schedule = self._new_schedule()
        try:
            self._functions.add_schedule(process, schedule)
            for number in range(self._random.choice((0, 0, 1, 3))):
                self._scheduler.sleep(4 * SECOND * self._random.random())
                payload = f'{{"edit": {number}}}'
                self._functions.edit_schedule(process, schedule, partial(replace, payload=payload))
        except (BackendUnavailable, ScheduleChanged) as error:
            self._scheduler.note(f"answers 503 or 409: {error}")

    def _new_schedule(self) -> Schedule:
        draw, now = self._random, self._scheduler.now
        overlap = draw.choice(tuple(Overlap))
        # One after the other they take longer than they come; there must be an end to it.
        seconds = 3 if overlap is Overlap.BUFFER_ALL else draw.choice((1, 2, 3))
        rule = f'{{"every": {seconds}, "ends_at": "{LAST_INSTANT.isoformat()}"}}'
        policy = draw.choice(tuple(MissedPolicy))
        within = draw.choice((None, 5 * SECOND))
        return begun(
            Schedule(
                id=new_task_id(now, draw.randbytes(10)),
                rule=rule,
                created_at=now,
                updated_at=now,
                next_at=None,
                type=draw.choice(TYPES),
                queue="default",
                payload="{}",
                # Soon, since those that may not overlap wait for each other's retries too.
                retry=RetryPolicy(base=SECOND / 5, cap=SECOND / 2),
                missed=Missed(policy=policy, within=within, pace=SECOND / 2),
                overlap=overlap,
            )
        )


def instants_of(schedule: Schedule) -> list[datetime]:
    """The rule's instants, without the code that makes them: every so many seconds from the second
    of its creation on."""
    seconds = int(schedule.rule.partition('"every": ')[2].partition(",")[0])
    at = schedule.created_at.replace(microsecond=0)
    instants = []
    while (at := at + timedelta(seconds=seconds)) <= LAST_INSTANT:
        if at > schedule.created_at:
            instants.append(at)
    return instants
