"""Tasks in every status, made through function `schedule` over memory adapters."""

from datetime import timedelta
from typing import Any

from dueline.domain.tasks import Task, TaskRef, TaskStatus
from dueline.task_store.memory import MemoryTaskStore
from tests.factories import make_outcome
from tests.functions.conftest import Answer, Caller
from tests.functions.memory_services import NOON, MemoryServices

TENANT = "default"
MINUTE = timedelta(minutes=1)
IN_AN_HOUR = '{"type":"email","delay":3600,"retry":{"max_attempts":1}}'


class Tasks:
    """Makes tasks in every status, and asks for what the API does with one."""

    def __init__(self, caller: Caller, services: MemoryServices) -> None:
        assert isinstance(services.store, MemoryTaskStore)
        self.store = services.store
        self._caller = caller

    def made(self, body: str = IN_AN_HOUR) -> str:
        return str(self._caller.schedule(body).body["task_id"])

    def now(self, task_id: str) -> Task:
        task = self.store.get(TENANT, task_id)
        assert task is not None
        return task

    def running(self) -> str:
        task_id = self.made('{"type":"email","retry":{"max_attempts":1}}')
        ref = TaskRef(task_id, 0)
        assert self.store.claim([ref], now=NOON, until=NOON, lease=MINUTE, worker="w").claims
        return task_id

    def failed(self) -> str:
        task_id = self.running()
        outcome = make_outcome(
            ref=self.now(task_id).ref,
            status=TaskStatus.FAILED,
            error="Traceback\nValueError: broken",
            ended_at=NOON,
        )
        self.store.record([outcome], worker="w")
        return task_id

    def cancelled(self) -> str:
        task_id = self.made()
        self.store.cancel(TENANT, [task_id], now=NOON)
        return task_id

    def ask(self, method: str, task_id: str, what: str = "", **request: Any) -> Answer:
        path = "/tasks/{task_id}" + what
        return self._caller.ask(method, path, request.pop("body", None), **request, task_id=task_id)
