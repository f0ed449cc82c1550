"""What the store on PostgreSQL does for function `tick`."""

from collections.abc import Sequence
from datetime import datetime

from dueline.domain.expansion import Expansion, Occurrence
from dueline.domain.schedules import Recurring
from dueline.domain.tasks import DueTask
from dueline.schedule_store import rows
from dueline.schedule_store.interface import Overdue, Settled
from dueline.task_store import parameters
from dueline.task_store.connection import Connection, Row, Values
from dueline.task_store.rows import due_task, queue_and_due_task, unfolded


class PostgresExpanding:
    """interface.Expanding."""

    _connection: Connection

    def due_page(self, *, now: datetime, until: datetime, limit: int) -> list[Recurring]:
        values: Values = {"now": now.isoformat(), "until": until.isoformat(), "limit": limit}
        [page] = self._look("due_page", values)
        return [rows.recurring(cells) for cells in unfolded(page)]

    def expand(self, expansions: Sequence[Expansion], *, now: datetime) -> set[str]:
        if not expansions:
            return set()
        occurrences = [(e.seen.id, planned) for e in expansions for planned in e.occurrences]
        values = {
            "schedule_ids": parameters.array([e.seen.id for e in expansions]),
            "versions": parameters.array([str(e.seen.version) for e in expansions]),
            "seen_next_ats": parameters.instants([e.seen.next_at for e in expansions]),
            "next_ats": parameters.instants([e.next_at for e in expansions]),
            "runs_made": parameters.array([str(e.runs_made) for e in expansions]),
            "paced_untils": parameters.instants([e.paced_until for e in expansions]),
            "ids": parameters.array([planned.id for _, planned in occurrences]),
            "schedules": parameters.array([schedule_id for schedule_id, _ in occurrences]),
            "ats": parameters.instants([planned.at for _, planned in occurrences]),
            "execute_ats": parameters.instants([planned.execute_at for _, planned in occurrences]),
            "due_ats": parameters.instants([_later(planned) for _, planned in occurrences]),
            "reasons": parameters.quoted_array([planned.skipped for _, planned in occurrences]),
            "now": now.isoformat(),
        }
        [made] = self._look("expand", values)
        return {task_id for [task_id] in unfolded(made)}

    def overdue_page(self, *, now: datetime, due_before: datetime, limit: int) -> list[Overdue]:
        values: Values = {
            "now": now.isoformat(),
            "due_before": due_before.isoformat(),
            "limit": limit,
        }
        return [_overdue(row) for row in self._look("overdue_page", values)]

    def settle(self, settled: Sequence[Settled], *, now: datetime) -> list[tuple[str, DueTask]]:
        verdicts = [of_task for of_one in settled for of_task in of_one.verdicts]
        paced = [of_one for of_one in settled if of_one.paced_until]
        values = parameters.of_refs([ref for ref, _ in verdicts]) | {
            "due_ats": parameters.instants([verdict.due_at for _, verdict in verdicts]),
            "reasons": parameters.quoted_array([verdict.skipped for _, verdict in verdicts]),
            "schedule_ids": parameters.array([of_one.schedule_id for of_one in paced]),
            "paced_untils": parameters.instants([of_one.paced_until for of_one in paced]),
            "now": now.isoformat(),
        }
        return [queue_and_due_task(row) for row in self._look("settle", values)]

    def outdated_page(self, *, tzdata_version: str, limit: int) -> list[tuple[str, str]]:
        values: Values = {"tzdata_version": tzdata_version, "limit": limit}
        return [(tenant, id_) for tenant, id_ in self._look("outdated_page", values)]

    def failing_page(
        self, *, now: datetime, failed_since: datetime, limit: int
    ) -> list[tuple[str, str]]:
        values: Values = {
            "now": now.isoformat(),
            "failed_since": failed_since.isoformat(),
            "limit": limit,
        }
        return [(tenant, id_) for tenant, id_ in self._look("failing_page", values)]

    def _look(self, name: str, values: Values) -> list[Row]:
        return self._connection.run(f"schedule_store/{name}", values)


def _later(planned: Occurrence) -> datetime | None:
    return None if planned.due_at == planned.execute_at else planned.due_at


def _overdue(row: Row) -> Overdue:
    *folded, later_due = row[rows.RECURRING_COLUMNS :]
    return Overdue(
        rows.recurring(row[: rows.RECURRING_COLUMNS]),
        [due_task(cells) for cells in unfolded(folded)],
        later_due == "true",
    )
