"""What dueline.wiring offers, with a kill point at every call: for tests/faults/functions."""

import os
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from functools import cached_property
from typing import Any, TypeVar, cast

from dueline import wiring
from dueline.clock import Clock, ServerClock
from dueline.config import Settings
from dueline.due_buffer.interface import DueBuffer
from dueline.handler import Context, Handler, HandlerFunction, TaskView
from dueline.schedule_store.interface import ScheduleStore
from dueline.task_store.interface import TaskStore
from dueline.work_queue.interface import WorkQueue
from tests.faults.kill_points import FOLDER, Armed, KillPoints

# Settings that are no variables of dueline, for campaigns that cannot wait.
LONGEST_WAIT = "DUELINE_FAULTS_LONGEST_WAIT_SECONDS"
PUBLISH_DEADLINE = "DUELINE_FAULTS_PUBLISH_DEADLINE_SECONDS"
T = TypeVar("T")


class ArmedServices:
    """The ports and values of one function. Each is made when it is first asked for."""

    def __init__(self, function: str) -> None:
        self.points = KillPoints(function, os.environ[FOLDER])

    def settings(self) -> Settings:
        return self._settings

    def clock(self) -> Clock:
        return self._clock

    def task_store(self) -> TaskStore:
        return self._task_store

    def schedule_store(self) -> ScheduleStore:
        return self._schedule_store

    def due_buffer(self) -> DueBuffer:
        return self._due_buffer

    def work_queue(self) -> WorkQueue:
        return self._work_queue

    def handlers(self) -> Mapping[str, Handler]:
        return self._handlers

    def __getattr__(self, name: str) -> Any:
        """What is no port of ours has no kill points."""
        return getattr(wiring, name)

    @cached_property
    def _settings(self) -> Settings:
        settings = wiring.settings()
        return replace(
            settings,
            longest_wait=_seconds(LONGEST_WAIT, settings.longest_wait),
            publish_deadline=_seconds(PUBLISH_DEADLINE, settings.publish_deadline),
        )

    @cached_property
    def _clock(self) -> Clock:
        return ServerClock(self._task_store.server_time)

    @cached_property
    def _task_store(self) -> TaskStore:
        return self._armed(wiring.task_store(), "store")

    @cached_property
    def _schedule_store(self) -> ScheduleStore:
        return self._armed(wiring.schedule_store(), "schedules")

    @cached_property
    def _due_buffer(self) -> DueBuffer:
        return self._armed(wiring.due_buffer(), "buffer")

    @cached_property
    def _work_queue(self) -> WorkQueue:
        return self._armed(wiring.work_queue(), "queue")

    @cached_property
    def _handlers(self) -> Mapping[str, Handler]:
        return {
            type_: replace(handler, function=self._armed_handler(handler.function))
            for type_, handler in wiring.handlers().items()
        }

    def _armed(self, port: T, name: str) -> T:
        return cast("T", Armed(port, name, self.points))

    def _armed_handler(self, function: HandlerFunction) -> HandlerFunction:
        def armed(task: TaskView, context: Context) -> object:
            return self.points.around("handler.run", lambda: function(task, context))

        return armed


def _seconds(name: str, default: timedelta) -> timedelta:
    return timedelta(seconds=float(os.environ[name])) if name in os.environ else default
