"""A task's way through the three functions of an artefact, and real servers."""

import json
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from dueline.domain.lanes import Lane
from dueline.http_api.instants import rfc_3339
from dueline.work_queue.interface import Delivery
from dueline.work_queue.rabbitmq_consumer import RabbitConsumer
from dueline.work_queue.topology import queue_name
from local.triggers.events import rabbitmq_event
from tests.packaging.bare_python import Python
from tests.packaging.lambda_events import every_minute, get_task, post_schedule
from tests.packaging.lambda_process import Answer, LambdaProcess

LANE = Lane("default", 0, 1)
TICK_TIME = timedelta(seconds=4)  # two of them to work in, two to stop


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """Where a function is and how its handler is called."""

    task_root: Path
    handler: str


class Environments:
    """One warm environment of each function. A context manager that ends them."""

    def __init__(
        self,
        python: Python,
        entries: Mapping[str, Entry],
        settings: Mapping[str, str],
        *,
        broker_url: str,
    ) -> None:
        self._stack = ExitStack()
        self._broker_url = broker_url
        self.processes = {
            name: self._stack.enter_context(
                LambdaProcess(
                    python,
                    entry.task_root,
                    entry.handler,
                    # Lambda gives each role its own keys; here they tell the functions apart.
                    {**settings, "AWS_ACCESS_KEY_ID": name},
                )
            )
            for name, entry in entries.items()
        }

    def __enter__(self) -> "Environments":
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def schedule(
        self,
        *,
        payload: Any,
        type_: str = "echo",
        after: timedelta = timedelta(milliseconds=300),
    ) -> str:
        """POST a task; its id."""
        due = rfc_3339(datetime.now(UTC) + after)
        event = post_schedule({"type": type_, "payload": payload, "execute_at": due})
        answer = self.invoke("schedule", event).payload
        assert answer["statusCode"] == 201, answer
        return str(json.loads(answer["body"])["task_id"])

    def tick(self) -> dict[str, int]:
        return dict(self.invoke("tick", every_minute(), within=TICK_TIME).payload)

    def execute(self) -> dict[str, int]:
        """Bring what is in the lane's queue to the function."""
        return dict(self.invoke("execute", self.batch()).payload)

    def batch(self) -> dict[str, Any]:
        """What is in the lane's queue, as an event source mapping takes and sends it."""
        taken = _taken_from(self._broker_url)
        return rabbitmq_event(taken, source_arn="arn:aws:mq:::b", queue_name=queue_name(LANE))

    def read(self, task_id: str) -> dict[str, Any]:
        answer = self.invoke("schedule", get_task(task_id)).payload
        return dict(json.loads(answer["body"]))

    def freeze(self) -> None:
        """What Lambda does between two events."""
        for process in self.processes.values():
            process.freeze()

    def thaw(self) -> None:
        for process in self.processes.values():
            process.thaw()

    def invoke(
        self, name: str, event: object, *, within: timedelta = timedelta(seconds=29)
    ) -> Answer:
        answer = self.processes[name].invoke(event, within=within)
        assert answer.error is None, self.processes[name].log()
        return answer


def _taken_from(url: str) -> list[Delivery]:
    consumer = RabbitConsumer(url, LANE)
    try:
        taken = consumer.receive(most=1, wait=timedelta(seconds=5))
        consumer.ack(taken)
        return taken
    finally:
        consumer.close()
