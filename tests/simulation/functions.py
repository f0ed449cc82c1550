"""The three functions, as functions/*/app.py wire them, in a run."""

from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

from dueline.domain.schedules import Schedule
from dueline.domain.tasks import Task
from dueline.usecases.accept_tasks import accept_tasks
from dueline.usecases.add_schedule import add_schedule
from dueline.usecases.change_schedule import change_schedule
from dueline.usecases.execute_batch import BatchReport, Execution, execute_batch
from dueline.usecases.run_tick import Tick, TickReport, run_tick
from tests.simulation.crew import SimulatedCrew
from tests.simulation.deployment import Deployment
from tests.simulation.faults import Hazard
from tests.simulation.handlers import Effects
from tests.simulation.scheduler import Process, Scheduler
from tests.simulation.servers import Servers


class Functions:
    """What an invocation of each does. Invoked by an actor, in the process given."""

    def __init__(
        self,
        scheduler: Scheduler,
        hazard: Hazard,
        servers: Servers,
        deployment: Deployment,
        effects: Effects,
    ) -> None:
        self.acknowledged: dict[str, Task] = {}  # the client has its 201
        self.schedules: dict[str, Schedule] = {}  # likewise
        self.reports: Counter[str] = Counter()
        self.deployment = deployment
        self.settings = deployment.settings
        self.servers = servers
        self.effects = effects
        self._scheduler = scheduler
        self._hazard = hazard

    def schedule(self, process: Process, tasks: Sequence[Task]) -> None:
        """BackendUnavailable is a 503."""
        self._accept(process, tasks)
        self._hazard.step("answers 201")
        self._acknowledge(tasks)

    def add_schedule(self, process: Process, schedule: Schedule) -> None:
        """BackendUnavailable is a 503."""
        add_schedule(schedule, **self._scheduling_tools(process))
        self._hazard.step("answers 201")
        self.schedules[schedule.id] = schedule

    def edit_schedule(
        self, process: Process, schedule: Schedule, change: Callable[[Schedule], Schedule]
    ) -> None:
        """ScheduleChanged is a 409."""
        seen = self.servers.reach_schedules.get(schedule.tenant, schedule.id)
        change_schedule(seen, change, **self._scheduling_tools(process))
        self._hazard.count("schedule edited")

    def _scheduling_tools(self, process: Process) -> dict[str, Any]:
        return {
            "store": self.servers.reach_schedules,
            "buffer": self.servers.reach_buffer,
            "now": self.servers.clock_of(process).now(),
            "settings": self.settings,
        }

    def tick(self, process: Process) -> None:
        ends = self._scheduler.now + self.deployment.tick_lives
        tick = Tick(
            lanes=self.settings.lanes.all(),
            store=self.servers.reach_store,
            schedules=self.servers.reach_schedules,
            stats=self.servers.reach_stats,
            buffer=self.servers.reach_buffer,
            queue=self.servers.reach_queue,
            clock=self.servers.clock_of(process),
            settings=self.settings,
            remaining=lambda: ends - self._scheduler.now,
        )
        self._add("tick", run_tick(tick))

    def execute(self, process: Process, lane: str, bodies: Sequence[bytes]) -> None:
        """Returns when the batch may be acked."""
        ends = self._scheduler.now + self.deployment.execute_lives
        clock = self.servers.clock_of(process)
        clock.sync()
        run = Execution(
            store=self.servers.reach_store,
            buffer=self.servers.reach_buffer,
            clock=clock,
            settings=self.settings,
            handlers=self.effects.handlers(),
            crew=SimulatedCrew(self._scheduler),
            worker=process.name,
            remaining=lambda: ends - self._scheduler.now,
            chance=self._scheduler.random.random,
        )
        self._add("execute", execute_batch([(lane, body) for body in bodies], run))
        self._hazard.step("answers the platform")

    def _accept(self, process: Process, tasks: Sequence[Task]) -> None:
        accept_tasks(
            tasks,
            store=self.servers.reach_store,
            buffer=self.servers.reach_buffer,
            settings=self.settings,
            now=self.servers.clock_of(process).now(),
        )

    def _acknowledge(self, tasks: Sequence[Task]) -> None:
        self.acknowledged.update((task.id, task) for task in tasks)

    def _add(self, function: str, report: TickReport | BatchReport) -> None:
        for name in report.__slots__:
            self.reports[f"{function}: {name}"] += getattr(report, name)
