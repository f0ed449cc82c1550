"""Function `schedule` behind a real HTTP server, in this process, over memory adapters."""

import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

from dueline.domain.outcomes import completed
from dueline.domain.tasks import TaskRef
from dueline.http_api.instants import rfc_3339
from dueline.http_api.routes import ROUTES
from dueline.task_store.memory import MemoryTaskStore
from functions.schedule.app import build_app
from local.emulator.invocations import InvocationResult
from local.triggers.http import HttpTrigger
from tests.functions.memory_services import NOON, MemoryServices

Then = Callable[[Mapping[str, Any], Mapping[str, Any]], None]


class InThisProcess:
    """Invokes the app by a call, where the platform would ask another process.

    `then` is called with each event and its answer, before the answer goes out.
    """

    def __init__(self, services: MemoryServices, then: Then) -> None:
        self._app = build_app(services)
        self._then = then

    def invoke(
        self,
        name: str,  # noqa: ARG002 - there is but one function here
        event: bytes,
        *,
        wait: timedelta | None = None,  # noqa: ARG002 - and nothing to wait for
    ) -> InvocationResult:
        asked = json.loads(event)
        answer = self._app(asked, None)
        self._then(asked, answer)
        return InvocationResult(
            payload=json.dumps(answer).encode(),
            error=None,
            duration=timedelta(0),
            cold_start=False,
        )

    def submit(self, name: str, event: bytes) -> None:
        raise AssertionError(f"HTTP waits for its answer, but {name} is not to: {event!r}")


def _nothing(event: Mapping[str, Any], answer: Mapping[str, Any]) -> None:
    """What most tests have done after a request."""


@contextmanager
def served(services: MemoryServices, then: Then = _nothing) -> Iterator[str]:
    """The URL of the API over these services."""
    routes = [(route.method, route.path) for route in ROUTES]
    trigger = HttpTrigger(InThisProcess(services, then), "schedule", routes, port=0)
    trigger.start()
    try:
        yield trigger.url
    finally:
        trigger.stop()


def complete(services: MemoryServices, task_id: str, *, result: str = "{}") -> None:
    """Do what execute does with a task that is due."""
    store = services.store
    assert isinstance(store, MemoryTaskStore)
    lease = timedelta(minutes=1)
    ref = TaskRef(task_id, 0)
    [claim] = store.claim([ref], now=NOON, until=NOON, lease=lease, worker="test").claims
    store.record([completed(claim, started_at=NOON, ended_at=NOON, result=result)], worker="test")


def completing(services: MemoryServices) -> Then:
    """For served(): a task that is made and due is completed at once."""

    def then(event: Mapping[str, Any], answer: Mapping[str, Any]) -> None:
        made = json.loads(answer["body"]) if answer["statusCode"] == 201 else {}
        if (task_id := made.get("task_id")) and made["due_at"] <= rfc_3339(NOON):
            complete(services, task_id)

    return then
