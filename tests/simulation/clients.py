"""Those who ask for tasks, and what they ask for."""

import random
from datetime import datetime, timedelta
from functools import partial

from dueline.domain.errors import BackendUnavailable
from dueline.domain.ids import new_task_id
from dueline.domain.retry import RetryPolicy
from dueline.domain.tasks import Task
from tests.simulation.deployment import SECOND, TROUBLE
from tests.simulation.functions import Functions
from tests.simulation.handlers import TYPES
from tests.simulation.scheduler import Process, Scheduler

MOST_CLIENTS = 12


class Clients:
    """Each comes once, at some moment of the time of trouble, and asks for one task or a few."""

    def __init__(self, scheduler: Scheduler, functions: Functions) -> None:
        self._scheduler = scheduler
        self._functions = functions
        self._random: random.Random = scheduler.random

    def start(self) -> None:
        for number in range(1, 1 + int(MOST_CLIENTS * self._random.random())):
            process = Process(f"schedule {number}")
            self._scheduler.spawn(
                process,
                partial(self._ask, process),
                after=TROUBLE * self._random.random(),
            )

    def _ask(self, process: Process) -> None:
        try:
            self._functions.schedule(process, self._wishes())
        except BackendUnavailable as error:
            self._scheduler.note(f"answers 503: {error}")

    def _wishes(self) -> list[Task]:
        return [self._new_task() for _ in range(self._random.choice((1, 1, 1, 2, 8)))]

    def _new_task(self) -> Task:
        draw, now = self._random, self._scheduler.now
        execute_at: datetime = now + timedelta(seconds=draw.choice((-1, 0, 0.2, 1, 3, 9, 15)))
        return Task(
            id=new_task_id(now, draw.randbytes(10)),
            type=draw.choice(TYPES),
            queue="default",
            payload="{}",
            execute_at=execute_at,
            due_at=execute_at,
            created_at=now,
            retry=RetryPolicy(max_attempts=draw.choice((1, 3, 5)), base=SECOND / 2, cap=2 * SECOND),
            timeout=draw.choice((None, None, 2 * SECOND)),
            expires_at=draw.choice((None, None, None, execute_at + 2 * SECOND)),
        )
