"""What PostgreSQL does for function `schedule` when new tasks come (interface.Accepting)."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from functools import partial

from dueline.domain.errors import DedupeKeyTaken, InvalidRequest, RequestInFlight
from dueline.domain.idempotency import KeptAnswer
from dueline.task_store import copied, parameters, rows
from dueline.task_store.connection import Connection
from dueline.task_store.driver_errors import Taken, ValueRefused
from dueline.task_store.interface import Tasks

COPIED_FROM = 100  # tasks; for fewer a COPY saves nothing


class PostgresAccepting:
    """Statements on a connection that it shares with the rest of the store."""

    _connection: Connection

    def server_time(self) -> datetime:
        [[now]] = self._connection.run("server_time")
        return rows.instant(now)

    def add(self, tasks: Tasks) -> None:
        with _refusals():
            self._add(tasks)

    def add_once(
        self, tenant: str, key: str, tasks: Tasks, answer: KeptAnswer, *, now: datetime
    ) -> KeptAnswer | None:
        values = parameters.of_new_tasks(tasks) | {
            "tenant": tenant,
            "key": key,
            "fingerprint": answer.fingerprint,
            "status": answer.status,
            "location": answer.location,
            "answer": answer.body,
            "now": now.isoformat(),
        }
        with _refusals():
            [[mine, added]] = self._connection.run("add_once", values, tenant=tenant, repeat=False)
        if added == "true":
            return None
        kept = self._connection.run("kept_answer", {"tenant": tenant, "key": key}, tenant=tenant)
        if mine != "true" or not kept:
            raise RequestInFlight(f"idempotency key {key!r}")
        [[fingerprint, status, location, body]] = kept
        return KeptAnswer(fingerprint=fingerprint, status=int(status), location=location, body=body)

    def unfinished(self, tenant: str, dedupe_key: str) -> str | None:
        values = {"tenant": tenant, "dedupe_key": dedupe_key}
        found = self._connection.run("unfinished", values, tenant=tenant)
        return found[0][0] if found else None

    def _add(self, tasks: Tasks) -> None:
        if len(tasks) >= COPIED_FROM:
            try:
                self._connection.run("copy_new", copied=partial(copied.chunks, tasks))
            except Taken:
                pass  # most likely it has been done already, whole or in part: `add` does the rest
            else:
                return
        tenants = {task.tenant for task in tasks}
        only = tenants.pop() if len(tenants) == 1 else None  # of several: those of no request
        if len(tasks) == 1:
            self._connection.run("add_one", parameters.of_new_task(*tasks), tenant=only)
        elif tasks:
            self._connection.run("add", parameters.of_new_tasks(tasks), tenant=only)

    def ping(self) -> None:
        self._connection.run("ping")


@contextmanager
def _refusals() -> Iterator[None]:
    """What the server refuses of new tasks, as those above know it."""
    try:
        yield
    except ValueRefused as refusal:
        raise InvalidRequest(
            f"this cannot be stored: {refusal}", code="UNSUPPORTED_JSON", pointer="/payload"
        ) from None
    except Taken as taken:
        if taken.index == "tasks_dedupe_idx":
            raise DedupeKeyTaken(str(taken)) from None
        raise
