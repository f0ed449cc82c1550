"""Function `execute` of functions/execute/app.py, with a kill point at every step."""

from typing import Any

from functions.execute import app
from tests.faults.armed_services import ArmedServices

services = ArmedServices("execute")


def handle(event: dict[str, Any], context: Any) -> dict[str, int]:
    return services.points.around("platform.answer", lambda: app.handle(event, context, services))
