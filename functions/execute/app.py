"""Function `execute`, called by the queue: a batch of messages in, a report out."""

from base64 import b64decode
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from chalice.app import Chalice

from dueline import wiring
from dueline.services import Services
from dueline.thread_crew import ThreadCrew
from dueline.usecases.execute_batch import Execution, execute_batch

app = Chalice(app_name="dueline-execute")


def handle(event: dict[str, Any], context: Any, services: Services = wiring) -> dict[str, int]:
    """The event is `aws:rmq`: {"rmqMessagesByQueue": {"<queue>::<vhost>": [{"data": base64}]}}."""
    bodies = [
        (queue.partition("::")[0], b64decode(message["data"]))
        for queue, messages in event["rmqMessagesByQueue"].items()
        for message in messages
    ]
    (clock := services.clock()).sync()
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
    return asdict(execute_batch(bodies, run))


app.lambda_function(name="execute")(handle)  # for `chalice deploy`
