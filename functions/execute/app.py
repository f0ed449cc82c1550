"""Function `execute`, called by the queue: a batch of messages in, a report out."""

from base64 import b64decode
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from chalice.app import Chalice

from dueline import wiring
from dueline.thread_crew import ThreadCrew
from dueline.usecases.execute_batch import Execution, execute_batch

app = Chalice(app_name="dueline-execute")


@app.lambda_function(name="execute")
def handle(event: dict[str, Any], context: Any) -> dict[str, int]:
    """The event is `aws:rmq`: {"rmqMessagesByQueue": {"<queue>::<vhost>": [{"data": base64}]}}."""
    bodies = [
        (queue.partition("::")[0], b64decode(message["data"]))
        for queue, messages in event["rmqMessagesByQueue"].items()
        for message in messages
    ]
    clock = wiring.clock()
    clock.sync()
    run = Execution(
        store=wiring.task_store(),
        buffer=wiring.due_buffer(),
        clock=clock,
        settings=wiring.settings(),
        handlers=wiring.handlers(),
        crew=ThreadCrew(wiring.settings().threads),
        worker=context.log_stream_name,
        remaining=lambda: timedelta(milliseconds=context.get_remaining_time_in_millis()),
    )
    return asdict(execute_batch(bodies, run))
