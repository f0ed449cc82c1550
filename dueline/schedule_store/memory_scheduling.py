"""What the store in memory does for function `schedule`."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from dueline.domain.errors import InvalidRequest
from dueline.domain.expansion import Occurrence, task_of
from dueline.domain.overlap import Overlap
from dueline.domain.schedules import Schedule
from dueline.domain.tasks import JsonText, Task, TaskStatus
from dueline.schedule_store.interface import ScheduleFilter
from dueline.schedule_store.memory_rows import MemoryRows
from dueline.task_store.memory_tasks import WAITING
from dueline.task_store.unstorable import why_unstorable


class MemoryScheduling(MemoryRows):
    """interface.Scheduling."""

    def add(self, schedule: Schedule) -> bool:
        _check(schedule)
        with self._lock:
            if schedule.id in self._schedules:
                return True
            if schedule.name and self._named(schedule.tenant, schedule.name):
                return False
            self._schedules[schedule.id] = schedule
            return True

    def get(self, tenant: str, schedule_id: str) -> Schedule | None:
        schedule = self._schedules.get(schedule_id)
        return schedule if schedule and schedule.tenant == tenant else None

    def get_by_name(self, tenant: str, name: str) -> Schedule | None:
        with self._lock:
            return self._named(tenant, name)

    def page(
        self,
        tenant: str,
        *,
        now: datetime,
        wanted: ScheduleFilter,
        after: str | None,
        limit: int,
    ) -> list[Schedule]:
        with self._lock:
            newest_first = sorted(self._schedules.values(), key=lambda s: s.id, reverse=True)
        fitting = [
            schedule
            for schedule in newest_first
            if schedule.tenant == tenant
            and (after is None or schedule.id < after)
            and _fits(schedule, wanted, now)
        ]
        return fitting[:limit]

    def replace(self, seen: Schedule, new: Schedule, *, now: datetime) -> bool:
        _check(new)
        with self._lock:
            if not self._is_as(seen):
                return False
            for task in self._untried(seen.id):
                if task.occurrence_at and task.occurrence_at > now:
                    del self._rows._tasks[task.id]
            self._schedules[seen.id] = replace(
                new,
                id=seen.id,
                tenant=seen.tenant,
                name=seen.name,
                created_at=seen.created_at,
                version=seen.version + 1,
                updated_at=now,
            )
            return True

    def made_after(self, seen: Schedule, *, now: datetime) -> int:
        with self._lock:
            return sum(
                at > now and (seen.next_at is None or at < seen.next_at)
                for at in self._by_instant(seen.id)
            )

    def delete(self, tenant: str, schedule_id: str, *, version: int | None, now: datetime) -> bool:
        with self._lock:
            schedule = self.get(tenant, schedule_id)
            if schedule is None or version not in {None, schedule.version}:
                return False
            del self._schedules[schedule_id]
            for task in self._by_instant(schedule_id).values():
                if task.status in WAITING:
                    self._end(task, TaskStatus.CANCELLED, "its schedule was deleted", now)
            return True

    def occurrences(
        self, tenant: str, schedule_id: str, *, at: datetime, before: int, after: int
    ) -> list[Task]:
        with self._lock:
            tasks = sorted(self._by_instant(schedule_id).items())
        earlier = [task for instant, task in tasks if task.tenant == tenant and instant <= at]
        later = [task for instant, task in tasks if task.tenant == tenant and instant > at]
        return earlier[len(earlier) - min(before, len(earlier)) :] + later[:after]

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
        with self._lock:
            schedule = self.get(tenant, schedule_id)
            if schedule is None:
                return set()
            template = replace(schedule, overlap=overlap, payload=payload or schedule.payload)
            _check(template)
            tasks = [task_of(template, occurrence, now) for occurrence in occurrences]
            self._remove_skipped(schedule_id, tasks, sparing)
            return {task.id for task in self._insert(schedule_id, tasks)}

    def _remove_skipped(self, schedule_id: str, new: Sequence[Task], sparing: str | None) -> None:
        taken = self._by_instant(schedule_id)
        for task in new:
            old = taken.get(task.occurrence_at) if task.occurrence_at else None
            if old is None or old.status is not TaskStatus.SKIPPED or sparing is None:
                continue
            if not (old.error or "").startswith(sparing):
                del self._rows._tasks[old.id]

    def skip(self, tenant: str, schedule_id: str, occurrence: Occurrence, *, now: datetime) -> bool:
        with self._lock:
            schedule = self.get(tenant, schedule_id)
            if schedule is None:
                return False
            task = self._by_instant(schedule_id).get(occurrence.at)
            if task is not None and task in self._untried(schedule_id):
                self._end(task, TaskStatus.SKIPPED, occurrence.skipped or "", now)
                return True
            if task is not None or schedule.next_at is None or schedule.next_at > occurrence.at:
                return False
            return bool(self._insert(schedule_id, [task_of(schedule, occurrence, now)]))

    def unskip(
        self, tenant: str, schedule_id: str, occurrence: Occurrence, *, reason: str, now: datetime
    ) -> bool:
        with self._lock:
            schedule = self.get(tenant, schedule_id)
            task = self._by_instant(schedule_id).get(occurrence.at)
            if schedule is None or task is None or task.status is not TaskStatus.SKIPPED:
                return False
            if not (task.error or "").startswith(reason):
                return False
            del self._rows._tasks[task.id]
            if schedule.next_at is None or schedule.next_at > occurrence.at:
                self._insert(schedule_id, [task_of(schedule, occurrence, now)])
            return True


def _check(schedule: Schedule) -> None:
    if why := why_unstorable(schedule.payload):
        raise InvalidRequest(
            f"this cannot be stored: {why}", code="UNSUPPORTED_JSON", pointer="/payload"
        )


def _fits(schedule: Schedule, wanted: ScheduleFilter, now: datetime) -> bool:
    return (
        wanted.type in {None, schedule.type}
        and wanted.queue in {None, schedule.queue}
        and (wanted.tag is None or wanted.tag in schedule.tags)
        and (wanted.name_prefix is None or (schedule.name or "").startswith(wanted.name_prefix))
        and wanted.paused in {None, schedule.is_paused(now)}
    )
