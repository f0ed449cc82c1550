"""Function `tick`, called by cron once a minute: a scheduled event in, a report out."""

from dataclasses import asdict
from datetime import timedelta
from typing import Any

from chalice.app import Chalice, Rate

from dueline import wiring
from dueline.services import Services
from dueline.usecases.run_tick import Tick, run_tick

app = Chalice(app_name="dueline-tick")


def handle(event: dict[str, Any], context: Any, services: Services = wiring) -> dict[str, int]:
    """Serve the lanes that the event's detail names ({"lanes":["default.0"]}), or all."""
    lanes = services.settings().lanes
    names = (event.get("detail") or {}).get("lanes") or event.get("lanes")
    tick = Tick(
        lanes=[lanes.named(name) for name in names] if names else lanes.all(),
        store=services.task_store(),
        schedules=services.schedule_store(),
        stats=services.stats_store(),
        buffer=services.due_buffer(),
        queue=services.work_queue(),
        clock=services.clock(),
        settings=services.settings(),
        remaining=lambda: timedelta(milliseconds=context.get_remaining_time_in_millis()),
    )
    return asdict(run_tick(tick))


@app.schedule(Rate(1, unit=Rate.MINUTES), name="tick")
def tick(event: Any) -> dict[str, int]:
    """The same for `chalice deploy`, which wants its decorator on it."""
    return handle(event.to_dict(), event.context)
