"""Function `tick`, as functions/tick/app.py, with a kill point at every step."""

from dataclasses import asdict
from datetime import timedelta
from typing import Any

from dueline.usecases.run_tick import Tick, run_tick
from tests.faults.armed_services import ArmedServices

services = ArmedServices("tick")


def handle(event: dict[str, Any], context: Any) -> dict[str, int]:
    tick = Tick(
        lanes=services.settings().lanes.all(),
        store=services.task_store(),
        schedules=services.schedule_store(),
        stats=services.stats_store(),
        buffer=services.due_buffer(),
        queue=services.work_queue(),
        clock=services.clock(),
        settings=services.settings(),
        remaining=lambda: timedelta(milliseconds=context.get_remaining_time_in_millis()),
    )
    return services.points.around("platform.answer", lambda: asdict(run_tick(tick)))
