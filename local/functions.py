"""The functions of a local run, as infra/template.yaml describes them to AWS.

`folder` is where they lie, each in a folder of its own.
"""

from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

from dueline.domain.lanes import Lane
from local.emulator.functions import FunctionConfig

HTTP_ENVIRONMENTS = 4  # of `schedule`, started as requests need them
# A tick lives longer than the minute between two of them, so that one is always there: two overlap.
# The longer, the sooner a killed one is replaced (docs/decisions/0064).
TICK_TIMEOUT = timedelta(seconds=90)
EXECUTE_TIMEOUT = timedelta(minutes=14)  # the most that AWS allows for this trigger


def execute_name(lane: Lane) -> str:
    """One function per lane: AWS runs one environment per RabbitMQ mapping."""
    return f"execute-{lane.name.replace('.', '-')}"


def schedule(folder: Path, environment: Mapping[str, str]) -> FunctionConfig:
    return FunctionConfig(
        name="schedule",
        folder=folder / "schedule",
        handler="app.app",
        timeout=timedelta(seconds=29),  # as long as API Gateway waits
        memory_mb=512,
        concurrency=HTTP_ENVIRONMENTS,
        environment=environment,
    )


def tick(folder: Path, environment: Mapping[str, str]) -> FunctionConfig:
    return FunctionConfig(
        name="tick",
        folder=folder / "tick",
        handler="app.handle",
        timeout=TICK_TIMEOUT,
        memory_mb=512,
        concurrency=2,
        environment=environment,
    )


def execute(lane: Lane, folder: Path, environment: Mapping[str, str]) -> FunctionConfig:
    return FunctionConfig(
        name=execute_name(lane),
        folder=folder / "execute",
        handler="app.handle",
        timeout=EXECUTE_TIMEOUT,
        memory_mb=512,
        concurrency=1,
        environment=environment,
    )
