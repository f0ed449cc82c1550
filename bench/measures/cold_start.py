"""From the start of a function's process to its first answer."""

import json
import time
from dataclasses import replace
from datetime import UTC, datetime
from statistics import median

from bench.dueline_system import DuelineSystem
from bench.measure import Bench, Figures, Measure
from bench.system import Incomplete
from dueline.usecases.run_tick import STOP_MARGIN
from dueline.work_queue.topology import queue_name
from local import functions
from local.emulator.functions import FunctionConfig
from local.emulator.platform import Platform
from local.options import ROOT
from local.triggers.events import HttpRequest, rabbitmq_event, rest_proxy_event, scheduled_event
from local.triggers.queue import SOURCE_ARN

TIMES = 7


def _cold_start(bench: Bench) -> Figures:
    with bench.dueline() as system:
        return {
            config.name: median(_spawned(bench, config, event) for _ in range(TIMES))
            for config, event in _first_events(system)
        }


def _spawned(bench: Bench, config: FunctionConfig, event: object) -> float:
    """Milliseconds to the answer of a process that starts now."""
    encoded = json.dumps(event).encode()
    with Platform([config], log=lambda name, line: bench.say(f"{name}: {line}")) as platform:
        began = time.perf_counter()
        result = platform.invoke(config.name, encoded)
        took = time.perf_counter() - began
    if result.error is not None:
        raise Incomplete(f"{config.name}: {result.payload.decode()}")
    return took * 1_000


def _first_events(system: DuelineSystem) -> list[tuple[FunctionConfig, object]]:
    folder, environment = ROOT / "functions", system.harness.environment
    [lane] = system.harness.lanes
    # A tick ends when its time is nearly up: this one does so at once.
    tick = replace(functions.tick(folder, environment), timeout=STOP_MARGIN)
    execute = replace(functions.execute(lane, folder, environment), name="execute")
    return [
        (functions.schedule(folder, environment), rest_proxy_event(_post_schedule())),
        (tick, scheduled_event(event_id="1", at=datetime.now(UTC), rule="tick")),
        (execute, rabbitmq_event([], source_arn=SOURCE_ARN, queue_name=queue_name(lane))),
    ]


def _post_schedule() -> HttpRequest:
    return HttpRequest(
        method="POST",
        path="/schedule",
        route="/schedule",
        path_parameters={},
        query=(),
        headers=(("Content-Type", "application/json"),),
        body=b'{"type":"record","payload":{},"execute_at":"2100-01-01T00:00:00Z"}',
        source_ip="127.0.0.1",
        request_id="1",
        received_at=datetime.now(UTC),
    )


COLD_START = Measure(
    name="cold-start",
    title="Cold start",
    note=f"From the start of the process under the genuine runtime client to the first answer, "
    f"medians of {TIMES}. schedule has accepted and committed a task by then; execute has read "
    "the database's clock, for a batch without messages; tick has made all its adapters, and "
    "ends since it is given no time.",
    columns={"schedule": "schedule, ms", "tick": "tick, ms", "execute": "execute, ms"},
    run=_cold_start,
)
