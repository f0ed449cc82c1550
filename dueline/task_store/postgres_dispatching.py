"""What PostgreSQL does for function `tick` (interface.Dispatching)."""

from collections.abc import Sequence
from datetime import datetime

from dueline.domain.ids import LAST_ID
from dueline.domain.lanes import Lane
from dueline.domain.tasks import DuePlace, DueTask, TaskRef
from dueline.task_store import parameters, rows
from dueline.task_store.connection import Connection, Values


class PostgresDispatching:
    """Statements on a connection that it shares with the rest of the store."""

    _connection: Connection

    def pending_page(
        self, lane: Lane, *, after: DuePlace | None, until: datetime, limit: int
    ) -> list[DueTask]:
        values = parameters.of_lane(lane) | {
            "after": "-infinity" if after is None else after.due_at.isoformat(),
            "after_id": (after and after.id) or LAST_ID,
            "until": until.isoformat(),
            "limit": limit,
        }
        [page] = self._connection.run("pending_page", values)
        return [rows.due_task(cells) for cells in rows.unfolded(page)]

    def earliest_due(self, lane: Lane, *, until: datetime, limit: int) -> list[DueTask]:
        values = parameters.of_lane(lane) | {"until": until.isoformat(), "limit": limit}
        [page] = self._connection.run("earliest_due", values)
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

    def oldest_due(self, queue: str, *, now: datetime) -> DueTask | None:
        values: Values = {"queue": queue, "now": now.isoformat()}
        found = self._connection.run("oldest_due", values)
        return rows.due_task(found[0]) if found else None

    def end_lost_leases(self, *, now: datetime, limit: int) -> list[tuple[str, DueTask]]:
        values: Values = {"now": now.isoformat(), "limit": limit}
        return [
            rows.queue_and_due_task(row) for row in self._connection.run("end_lost_leases", values)
        ]
