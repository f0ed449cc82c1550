"""Handlers of a run, and the ledger of what they did to the outside world."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import NamedTuple

from dueline.handler import Context, GiveUp, Handler, HandlerFunction, RetryLater, TaskView
from tests.simulation.deployment import SECOND
from tests.simulation.faults import Hazard
from tests.simulation.scheduler import Scheduler

TYPES = ("work", "work", "long", "outlive", "error", "later", "give up")
BETTER_FROM = 3  # the attempt from which on handlers neither fail nor take long


class Effect(NamedTuple):
    """A handler was called: what the outside world saw."""

    task_id: str
    attempt: int
    due_at: datetime
    execute_at: datetime
    started_at: datetime


class Effects:
    """Each call of a handler leaves an effect; its number in the ledger is the handler's result."""

    def __init__(self, scheduler: Scheduler, hazard: Hazard) -> None:
        self.ledger: list[Effect] = []
        self._scheduler = scheduler
        self._hazard = hazard

    def handlers(self) -> Mapping[str, Handler]:
        functions: dict[str, HandlerFunction] = {
            "work": self._work,
            "long": self._long,
            "outlive": self._outlive,
            "error": self._error,
            "later": self._later,
            "give up": self._give_up,
        }
        return {type_: Handler(type=type_, function=f) for type_, f in functions.items()}

    def _work(self, task: TaskView, _: Context) -> int:
        return self._take_effect(task, SECOND / 10)

    def _long(self, task: TaskView, _: Context) -> int:
        return self._take_effect(task, 3 * SECOND)

    def _outlive(self, task: TaskView, context: Context) -> int:
        """Needs its lease renewed, unless it is called off."""
        number = self._take_effect(task, SECOND / 10)
        for _ in range(8 if task.attempt < BETTER_FROM else 0):
            if context.cancelled:
                self._hazard.count("handler saw that it was called off")
                break
            self._scheduler.sleep(SECOND)
        return number

    def _error(self, task: TaskView, _: Context) -> int:
        number = self._take_effect(task, SECOND / 10)
        if task.attempt < BETTER_FROM:
            raise ConnectionError("the simulated world is down")
        return number

    def _later(self, task: TaskView, _: Context) -> int:
        number = self._take_effect(task, SECOND / 10)
        if task.attempt < BETTER_FROM:
            raise RetryLater(SECOND)
        return number

    def _give_up(self, task: TaskView, _: Context) -> int:
        self._take_effect(task, SECOND / 10)
        raise GiveUp("never")

    def _take_effect(self, task: TaskView, duration: timedelta) -> int:
        called_at = self._scheduler.now  # it may be held up here, and given up meanwhile
        self._hazard.step("takes effect")
        number = len(self.ledger)
        self.ledger.append(Effect(task.id, task.attempt, task.due_at, task.execute_at, called_at))
        self._scheduler.note(f"effect {number} of {task.id[-4:]} #{task.attempt}")
        self._hazard.step("has taken effect")
        self._scheduler.sleep(duration)
        return number
