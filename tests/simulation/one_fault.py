"""Runs in which exactly one thing goes wrong, at a chosen step, under production's settings.

`python -m tests.simulation.one_fault` strikes at every step and prints how long repair takes.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import timedelta
from functools import partial

from dueline.domain.ids import new_task_id
from dueline.domain.retry import RetryPolicy
from dueline.domain.tasks import Task
from tests.simulation.campaign import silence_logs
from tests.simulation.chaos import Chaos
from tests.simulation.clients import Clients
from tests.simulation.deployment import PRODUCTION, SECOND
from tests.simulation.faults import CallFate, Faults, Hazard
from tests.simulation.platform import Platform
from tests.simulation.recurring import SchedulingClients
from tests.simulation.run import Parts, Run
from tests.simulation.scheduler import START, Killed, Process, Scheduler

KILL, FREEZE = "kill", "freeze"
FAULTS = (KILL, FREEZE, CallFate.NO_ANSWER, CallFate.LOST_ANSWER)
FROZEN_FOR = 1.5 * PRODUCTION.settings.lease
LAST_DUE = SECOND


class OneFault(Hazard):
    """Strikes once: before step `at`, or at call `at` of a server; None: never."""

    def __init__(self, scheduler: Scheduler, *, fault: str, at: int | None) -> None:
        super().__init__(scheduler, Faults(), timedelta(0))
        self.steps = 0
        self.calls = 0
        self.struck = "nothing"  # a function, or a server
        self._fault = fault
        self._at = at

    def step(self, what: str) -> None:
        self._scheduler.step()
        self.steps += 1
        if self.steps == self._at and self._fault in {KILL, FREEZE}:
            self._strike(what)

    def of_call(self, server: str) -> CallFate:
        self.calls += 1
        if self.calls != self._at or self._fault in {KILL, FREEZE}:
            return CallFate.ANSWERED
        self.struck = server
        return CallFate(self._fault)

    def _strike(self, what: str) -> None:
        process = self._scheduler.current().process
        self.struck = process.name.partition(" ")[0]
        self._scheduler.note(f"{self._fault} before {what}")
        if self._fault == KILL:
            process.dead = True
            raise Killed
        self._scheduler.freeze(process, FROZEN_FOR)
        self._scheduler.sleep(timedelta(0))


class OneClient(Clients):
    """Asks for a task that is due, one that fails twice, and one that is due in a moment."""

    def start(self) -> None:
        process = Process("schedule")
        self._scheduler.spawn(process, partial(self._ask, process))

    def _wishes(self) -> list[Task]:
        now = self._scheduler.now
        wishes = (("work", now), ("error", now), ("work", START + LAST_DUE))
        return [
            Task(
                id=new_task_id(now, bytes([number] * 10)),
                type=type_,
                queue="default",
                payload="{}",
                execute_at=due_at,
                due_at=due_at,
                created_at=now,
                retry=RetryPolicy(base=SECOND / 5),
            )
            for number, (type_, due_at) in enumerate(wishes)
        ]


class NoSchedules(SchedulingClients):
    def start(self) -> None:
        pass


class OneTick(Platform):
    """Of the two ticks that overlap one has just ended: the longest time with only one begins."""

    def _cron(self) -> None:
        self._start_tick("0")
        deployment = self.functions.deployment
        self._scheduler.sleep(2 * deployment.tick_every - deployment.tick_lives)
        super()._cron()


class NoChaos(Chaos):
    def start(self) -> None:
        pass


def run_with(fault: str, at: int | None) -> Run:
    """A played run in which the fault strikes at that step or call."""
    parts = Parts(
        deployment=PRODUCTION,
        hazard=partial(OneFault, fault=fault, at=at),
        platform=OneTick,
        clients=OneClient,
        scheduling=NoSchedules,
        chaos=NoChaos,
        trouble=LAST_DUE,
        bound=timedelta(minutes=5),
    )
    return Run(0, parts).play()


def runs_with(fault: str) -> Iterator[tuple[str, Run]]:
    """A run for each step (or call) at which the fault can strike, and whom it struck."""
    calm = run_with(fault, at=None).hazard
    assert isinstance(calm, OneFault)
    for at in range(1, 1 + (calm.steps if fault in {KILL, FREEZE} else calm.calls)):
        run = run_with(fault, at)
        assert isinstance(run.hazard, OneFault)
        yield run.hazard.struck, run


def main() -> None:
    """Print how long the slowest repair takes, for each fault and whom it strikes."""
    silence_logs()
    for fault in FAULTS:
        slowest: defaultdict[str, list[timedelta]] = defaultdict(list)
        for struck, run in runs_with(fault):
            slowest[struck].append(run.final_after)
        for struck, repairs in sorted(slowest.items()):
            seconds = max(repairs).total_seconds()
            print(f"{fault:<12} {struck:<10} {len(repairs):>4} places  {seconds:>6.1f} s at most")


if __name__ == "__main__":
    main()
