"""The functions of a local run, as infra/template.yaml describes them to AWS."""

from collections.abc import Mapping
from datetime import timedelta

from dueline.domain.lanes import Lane
from local.emulator.functions import FunctionConfig
from local.options import ROOT

HTTP_ENVIRONMENTS = 4  # of `schedule`, started as requests need them
# A tick lives longer than the minute between two of them, so that one is always there: two overlap.
TICK_TIMEOUT = timedelta(seconds=75)
EXECUTE_TIMEOUT = timedelta(minutes=14)  # the most that AWS allows for this trigger


def execute_name(lane: Lane) -> str:
    """One function per lane: AWS runs one environment per RabbitMQ mapping."""
    return f"execute-{lane.name.replace('.', '-')}"


def schedule(environment: Mapping[str, str]) -> FunctionConfig:
    return FunctionConfig(
        name="schedule",
        folder=ROOT / "functions" / "schedule",
        handler="app.app",
        timeout=timedelta(seconds=29),  # as long as API Gateway waits
        memory_mb=512,
        concurrency=HTTP_ENVIRONMENTS,
        environment=environment,
    )


def tick(environment: Mapping[str, str]) -> FunctionConfig:
    return FunctionConfig(
        name="tick",
        folder=ROOT / "functions" / "tick",
        handler="app.handle",
        timeout=TICK_TIMEOUT,
        memory_mb=512,
        concurrency=2,
        environment=environment,
    )


def execute(lane: Lane, environment: Mapping[str, str]) -> FunctionConfig:
    return FunctionConfig(
        name=execute_name(lane),
        folder=ROOT / "functions" / "execute",
        handler="app.handle",
        timeout=EXECUTE_TIMEOUT,
        memory_mb=512,
        concurrency=1,
        environment=environment,
    )
