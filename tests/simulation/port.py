"""What stands between a process and a server: every call is a step, and may go wrong."""

from collections.abc import Callable
from typing import Any

from dueline.domain.errors import BackendUnavailable
from dueline.work_queue.interface import Published
from tests.simulation.faults import CallFate, Hazard
from tests.simulation.scheduler import Scheduler
from tests.simulation.trace import shown, shown_call


class Port:
    """Has the methods of its adapter; a call that goes wrong raises BackendUnavailable."""

    def __init__(self, adapter: Any, server: str, hazard: Hazard, scheduler: Scheduler) -> None:
        self._adapter = adapter
        self._server = server
        self._hazard = hazard
        self._scheduler = scheduler

    def __getattr__(self, method: str) -> Callable[..., Any]:
        call = getattr(self._adapter, method)
        what = f"{self._server}: {method}"

        def step_by_step(*args: Any, **named: Any) -> Any:
            self._hazard.step(what)
            fate = self._hazard.of_call(self._server)
            if fate is CallFate.NO_ANSWER:
                return self._unheard(f"{method}: no answer", *args, **named)
            answer = call(*args, **named)
            if self._scheduler.trace is not None:
                self._scheduler.note(f"{shown_call(method, args, named)} = {shown(answer)}")
            if fate is CallFate.LOST_ANSWER:
                return self._unheard(f"{method}: the answer was lost", *args, **named)
            return answer

        setattr(self, method, step_by_step)  # so that this is called once for each method
        return step_by_step

    def _unheard(self, what: str, *_: Any, **__: Any) -> Any:
        self._scheduler.note(what)
        raise BackendUnavailable(self._server, what)


class QueuePort(Port):
    """The same for a work queue, whose `publish` never raises: it waits, and does not know."""

    def _unheard(self, what: str, *args: Any, **named: Any) -> Any:
        if not what.startswith("publish"):
            return super()._unheard(what)
        _, bodies = args
        self._scheduler.note(what)
        self._scheduler.sleep(named["deadline"])
        return [Published.UNKNOWN] * len(bodies)
