"""The task store on PostgreSQL. What each method promises is in interface.py."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from dueline.domain.errors import InvalidRequest
from dueline.domain.lanes import Lane
from dueline.domain.outcomes import Outcome
from dueline.domain.tasks import Attempt, DueTask, Task, TaskRef, TaskStatus
from dueline.task_store import parameters, rows
from dueline.task_store.connection import Connection, Values
from dueline.task_store.driver_errors import ValueRefused
from dueline.task_store.interface import Claimed, Renewed
from dueline.task_store.unstorable import failed_for_result, storable_text


class PostgresTaskStore:
    """One connection, opened when first used. Threads may share it: they take turns."""

    def __init__(self, url: str) -> None:
        """Raises BadSetting for a URL that cannot be used."""
        self._connection = Connection(url)

    def close(self) -> None:
        """Let go of the connection. A later call opens another."""
        self._connection.close()

    def server_time(self) -> datetime:
        [[now]] = self._connection.run("server_time")
        return rows.instant(now)

    def add(self, tasks: Sequence[Task]) -> None:
        if not tasks:
            return
        try:
            self._connection.run("add", parameters.of_new_tasks(tasks))
        except ValueRefused as refusal:
            raise InvalidRequest(
                f"this cannot be stored: {refusal}", code="UNSUPPORTED_JSON", pointer="/payload"
            ) from None

    def get(self, task_id: str) -> Task | None:
        try:
            found = self._connection.run("get", {"id": task_id})
        except ValueRefused:  # not a UUID, so nobody's id
            return None
        return rows.task(found[0]) if found else None

    def attempts(self, task_id: str) -> list[Attempt]:
        try:
            found = self._connection.run("attempts", {"task_id": task_id})
        except ValueRefused:
            return []
        return [rows.attempt(row) for row in found]

    def count_by_status(self) -> Mapping[TaskStatus, int]:
        counts = dict.fromkeys(TaskStatus, 0)
        for status, count in self._connection.run("count_by_status"):
            counts[TaskStatus(status)] = int(count)
        return counts

    def ping(self) -> None:
        self._connection.run("ping")

    def pending_page(
        self, lane: Lane, *, after: datetime | None, until: datetime, limit: int
    ) -> list[DueTask]:
        values = parameters.of_lane(lane) | {
            "after": "-infinity" if after is None else after.isoformat(),
            "until": until.isoformat(),
            "limit": limit,
        }
        [page] = self._connection.run("pending_page", values)
        return [rows.due_task(cells) for cells in rows.unfolded(page)]

    def mark_queued(self, refs: Sequence[TaskRef], *, now: datetime) -> int:
        if not refs:
            return 0
        values = parameters.of_refs(refs) | {"now": now.isoformat()}
        [[marked]] = self._connection.run("mark_queued", values)
        return int(marked)

    def reset_unclaimed(self, lane: Lane, *, queued_before: datetime, limit: int) -> list[DueTask]:
        values = parameters.of_lane(lane) | {
            "queued_before": queued_before.isoformat(),
            "limit": limit,
        }
        return [rows.due_task(row) for row in self._connection.run("reset_unclaimed", values)]

    def has_unclaimed(self, lane: Lane, *, queued_before: datetime) -> bool:
        values = parameters.of_lane(lane) | {"queued_before": queued_before.isoformat()}
        return bool(self._connection.run("has_unclaimed", values))

    def end_lost_leases(self, *, now: datetime, limit: int) -> list[tuple[str, DueTask]]:
        values: Values = {"now": now.isoformat(), "limit": limit}
        return [
            rows.queue_and_due_task(row) for row in self._connection.run("end_lost_leases", values)
        ]

    def claim(
        self,
        refs: Sequence[TaskRef],
        *,
        now: datetime,
        until: datetime,
        lease: timedelta,
        worker: str,
    ) -> Claimed:
        """As promised. Not repeated when the connection breaks: if only the answer was lost, the
        tasks run under a fence that nobody knows, and a second claim would find none of them.
        Their leases run out, and a sweep gives them on.
        """
        if not refs:
            return Claimed([], [])
        values = parameters.of_refs(refs) | {
            "now": now.isoformat(),
            "until": until.isoformat(),
            "lease": parameters.interval(lease),
            "worker": worker,
        }
        [answer] = self._connection.run("claim", values, repeat=False)
        claims, early = answer[: rows.CLAIM_COLUMNS], answer[rows.CLAIM_COLUMNS :]
        return Claimed(
            claims=[rows.claim(cells) for cells in rows.unfolded(claims)],
            early=[rows.queue_and_due_task(cells) for cells in rows.unfolded(early)],
        )

    def renew(self, refs: Sequence[TaskRef], *, now: datetime, lease: timedelta) -> Renewed:
        if not refs:
            return Renewed(set(), set())
        values = parameters.of_refs(refs) | {"lease_until": (now + lease).isoformat()}
        [renewed] = self._connection.run("renew", values)
        held = list(rows.unfolded(renewed))
        return Renewed(
            held={task_id for task_id, _ in held},
            cancelled={task_id for task_id, cancel in held if cancel == "true"},
        )

    def record(self, outcomes: Sequence[Outcome], *, worker: str) -> set[str]:
        if not outcomes:
            return set()
        values = parameters.of_outcomes(outcomes) | {"worker": worker}
        try:
            [recorded] = self._connection.run("record", values)
        except ValueRefused as refusal:
            return self._record_apart(outcomes, refusal, worker=worker)
        return {task_id for [task_id] in rows.unfolded(recorded)}

    def _record_apart(
        self, outcomes: Sequence[Outcome], refusal: ValueRefused, *, worker: str
    ) -> set[str]:
        """Halve the batch until the outcome that cannot be stored stands alone."""
        if len(outcomes) > 1:
            middle = len(outcomes) // 2
            return self.record(outcomes[:middle], worker=worker) | self.record(
                outcomes[middle:], worker=worker
            )
        [outcome] = outcomes
        if outcome.result is None:
            raise refusal
        return self.record([failed_for_result(outcome, str(refusal))], worker=worker)

    def keep_poison(self, body: bytes, *, reason: str, lane: str, now: datetime) -> None:
        values = {
            "body": f"\\x{body.hex()}",
            "lane": storable_text(lane),
            "reason": storable_text(reason),
            "now": now.isoformat(),
        }
        self._connection.run("keep_poison", values)
