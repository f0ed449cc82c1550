"""Function `execute`, as functions/execute/app.py, with a kill point at every step."""

from base64 import b64decode
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from dueline.thread_crew import ThreadCrew
from dueline.usecases.execute_batch import Execution, execute_batch
from tests.faults.armed_services import ArmedServices

services = ArmedServices("execute")


def handle(event: dict[str, Any], context: Any) -> dict[str, int]:
    bodies = [
        (queue.partition("::")[0], b64decode(message["data"]))
        for queue, messages in event["rmqMessagesByQueue"].items()
        for message in messages
    ]
    clock = services.clock()
    clock.sync()
    run = Execution(
        store=services.task_store(),
        buffer=services.due_buffer(),
        clock=clock,
        settings=services.settings(),
        handlers=services.handlers(),
        crew=ThreadCrew(services.settings().threads),
        worker=context.log_stream_name,
        remaining=lambda: timedelta(milliseconds=context.get_remaining_time_in_millis()),
    )
    return services.points.around("platform.answer", lambda: asdict(execute_batch(bodies, run)))
