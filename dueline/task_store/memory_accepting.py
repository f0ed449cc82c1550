"""What the store in memory does for function `schedule` when new tasks come."""

from datetime import datetime

from dueline.domain.errors import DedupeKeyTaken, InvalidRequest
from dueline.domain.idempotency import KeptAnswer
from dueline.task_store.interface import Tasks
from dueline.task_store.memory_tasks import MemoryTasks
from dueline.task_store.unstorable import why_unstorable


class MemoryAccepting(MemoryTasks):
    """interface.Accepting."""

    def server_time(self) -> datetime:
        return self._server_clock()

    def add(self, tasks: Tasks) -> None:
        _check_payloads(tasks)
        with self._lock:
            self._insert(tasks)

    def add_once(
        self,
        tenant: str,
        key: str,
        tasks: Tasks,
        answer: KeptAnswer,
        *,
        now: datetime,  # noqa: ARG002 - what is kept here is kept for good
    ) -> KeptAnswer | None:
        _check_payloads(tasks)
        with self._lock:
            if kept := self._kept.get((tenant, key)):
                return kept
            self._insert(tasks)
            self._kept[tenant, key] = answer
        return None

    def unfinished(self, tenant: str, dedupe_key: str) -> str | None:
        with self._lock:
            return self._holder(tenant, dedupe_key)

    def _insert(self, tasks: Tasks) -> None:
        new = [task for task in tasks if task.id not in self._tasks]
        keys = [(task.tenant, task.dedupe_key) for task in new if task.dedupe_key is not None]
        if len(set(keys)) < len(keys) or any(self._holder(*key) for key in keys):
            raise DedupeKeyTaken("another unfinished task has the dedupe key")
        self._tasks.update((task.id, task) for task in new)

    def ping(self) -> None:
        """There is no server that could fail to answer."""


def _check_payloads(tasks: Tasks) -> None:
    for task in tasks:
        if why := why_unstorable(task.payload):
            raise InvalidRequest(
                f"this cannot be stored: {why}", code="UNSUPPORTED_JSON", pointer="/payload"
            )
