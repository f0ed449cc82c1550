"""What the store on PostgreSQL does for function `schedule`."""

from collections.abc import Sequence
from datetime import datetime

from dueline.domain.errors import InvalidRequest
from dueline.domain.expansion import Occurrence
from dueline.domain.overlap import Overlap
from dueline.domain.schedules import Schedule, ScheduleChanged
from dueline.domain.tasks import JsonText, Task
from dueline.schedule_store import rows
from dueline.schedule_store.interface import ScheduleFilter
from dueline.task_store import parameters
from dueline.task_store.connection import Connection, Row, Values
from dueline.task_store.driver_errors import ValueRefused
from dueline.task_store.rows import task as task_of_row
from dueline.task_store.rows import unfolded

AFTER_ALL_IDS = "ffffffff-ffff-ffff-ffff-ffffffffffff"
MOST_TRIES = 5


class PostgresScheduling:
    """interface.Scheduling."""

    _connection: Connection

    def add(self, schedule: Schedule) -> bool:
        return bool(self._write("add", schedule.tenant, rows.parameters_of(schedule)))

    def get(self, tenant: str, schedule_id: str) -> Schedule | None:
        try:
            return self._find(tenant, id=schedule_id, name=None)
        except ValueRefused:  # not a UUID, so nobody's id
            return None

    def get_by_name(self, tenant: str, name: str) -> Schedule | None:
        return self._find(tenant, id=None, name=name)

    def page(
        self,
        tenant: str,
        *,
        now: datetime,
        wanted: ScheduleFilter,
        after: str | None,
        limit: int,
    ) -> list[Schedule]:
        values = {
            "tenant": tenant,
            "before": after or AFTER_ALL_IDS,
            "task_type": wanted.type,
            "queue": wanted.queue,
            "tag": wanted.tag,
            "name_prefix": wanted.name_prefix,
            "paused": None if wanted.paused is None else str(wanted.paused),
            "now": now.isoformat(),
            "limit": limit,
        }
        return [rows.schedule(row) for row in self._run("page", tenant, values)]

    def replace(self, seen: Schedule, new: Schedule, *, now: datetime) -> bool:
        values = rows.changed_parameters_of(seen, new, now)
        return bool(self._write("replace", seen.tenant, values))

    def made_after(self, seen: Schedule, *, now: datetime) -> int:
        values: Values = {
            "schedule_id": seen.id,
            "tenant": seen.tenant,
            "now": now.isoformat(),
            "next_at": rows.instant_or_null(seen.next_at),
        }
        [[made]] = self._run("made_after", seen.tenant, values)
        return int(made)

    def delete(self, tenant: str, schedule_id: str, *, version: int | None, now: datetime) -> bool:
        """As promised: one statement, and again where tick moved next_at on meanwhile."""
        for _ in range(MOST_TRIES):
            seen = self.get(tenant, schedule_id)
            if seen is None or version not in {None, seen.version}:
                return False
            values: Values = {
                "tenant": tenant,
                "id": schedule_id,
                "version": seen.version,
                "next_at": rows.instant_or_null(seen.next_at),
                "now": now.isoformat(),
            }
            if self._run("delete", tenant, values):
                return True
        raise ScheduleChanged(f"schedule {schedule_id} is in the hands of others; try again")

    def occurrences(
        self, tenant: str, schedule_id: str, *, at: datetime, before: int, after: int
    ) -> list[Task]:
        values: Values = {
            "tenant": tenant,
            "schedule_id": schedule_id,
            "at": at.isoformat(),
            "before": before,
            "after": after,
        }
        return [task_of_row(row) for row in self._run("occurrences", tenant, values)]

    def make(
        self,
        tenant: str,
        schedule_id: str,
        occurrences: Sequence[Occurrence],
        *,
        overlap: Overlap,
        payload: JsonText | None = None,
        sparing: str | None = None,
        now: datetime,
    ) -> set[str]:
        values = {
            "tenant": tenant,
            "schedule_id": schedule_id,
            "overlap": rows.overlap_or_null(overlap),
            "payload": payload,
            "sparing": sparing,
            "ids": parameters.array([occurrence.id for occurrence in occurrences]),
            "ats": parameters.instants([occurrence.at for occurrence in occurrences]),
            "execute_ats": parameters.instants([o.execute_at for o in occurrences]),
            "due_ats": parameters.instants([o.due_at for o in occurrences]),
            "now": now.isoformat(),
        }
        [made] = self._write("make", tenant, values)
        return {task_id for [task_id] in unfolded(made)}

    def skip(self, tenant: str, schedule_id: str, occurrence: Occurrence, *, now: datetime) -> bool:
        values = _of_one(tenant, schedule_id, occurrence, now) | {"reason": occurrence.skipped}
        return bool(self._run("skip", tenant, values))

    def unskip(
        self, tenant: str, schedule_id: str, occurrence: Occurrence, *, reason: str, now: datetime
    ) -> bool:
        values = _of_one(tenant, schedule_id, occurrence, now) | {"reason": reason}
        return bool(self._run("unskip", tenant, values))

    def _find(self, tenant: str, **by: str | None) -> Schedule | None:
        found = self._run("get", tenant, {"tenant": tenant, **by})
        return rows.schedule(found[0]) if found else None

    def _run(self, name: str, tenant: str, values: Values) -> list[Row]:
        return self._connection.run(f"schedule_store/{name}", values, tenant=tenant)

    def _write(self, name: str, tenant: str, values: Values) -> list[Row]:
        """The same where a value may be one that PostgreSQL does not take."""
        try:
            return self._run(name, tenant, values)
        except ValueRefused as refusal:
            raise InvalidRequest(
                f"this cannot be stored: {refusal}", code="UNSUPPORTED_JSON", pointer="/payload"
            ) from None


def _of_one(
    tenant: str, schedule_id: str, occurrence: Occurrence, now: datetime
) -> dict[str, str | int | None]:
    return {
        "tenant": tenant,
        "schedule_id": schedule_id,
        "id": occurrence.id,
        "at": occurrence.at.isoformat(),
        "execute_at": occurrence.execute_at.isoformat(),
        "now": now.isoformat(),
    }
