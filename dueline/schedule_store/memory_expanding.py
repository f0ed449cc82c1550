"""What the store in memory does for function `tick`."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from msgspec import structs

from dueline.domain.expansion import Expansion, task_of
from dueline.domain.schedules import Recurring, Schedule
from dueline.domain.tasks import DueTask, Task, TaskStatus
from dueline.schedule_store.interface import Overdue, Settled
from dueline.schedule_store.memory_rows import MemoryRows
from dueline.task_store.memory_tasks import PENDING, due_task

NOT_RUN = frozenset({TaskStatus.SKIPPED, TaskStatus.CANCELLED})
TRIED = frozenset({TaskStatus.COMPLETED, TaskStatus.FAILED})


class MemoryExpanding(MemoryRows):
    """interface.Expanding."""

    def due_page(self, *, now: datetime, until: datetime, limit: int) -> list[Recurring]:
        with self._lock:
            due = [
                (schedule.next_at, schedule.id, schedule)
                for schedule in self._schedules.values()
                if schedule.next_at and schedule.next_at <= until and not schedule.is_paused(now)
            ]
        return [schedule for _, _, schedule in sorted(due, key=lambda d: d[:2])[:limit]]

    def expand(self, expansions: Sequence[Expansion], *, now: datetime) -> set[str]:
        inserted: set[str] = set()
        with self._lock:
            for expansion in expansions:
                seen = expansion.seen
                if self._is_as(seen):
                    schedule = self._schedules[seen.id]
                    made = [task_of(schedule, planned, now) for planned in expansion.occurrences]
                    inserted.update(task.id for task in self._insert(seen.id, made))
                    self._schedules[seen.id] = replace(
                        schedule,
                        next_at=expansion.next_at,
                        runs_made=expansion.runs_made,
                        paced_until=expansion.paced_until,
                    )
        return inserted

    def overdue_page(self, *, now: datetime, due_before: datetime, limit: int) -> list[Overdue]:
        with self._lock:
            late = sorted(
                (task for task in self._rows._tasks.values() if _is_overdue(task, due_before)),
                key=lambda task: (task.due_at, task.id),
            )
            by_schedule: dict[str, list[Task]] = {}
            for task in late[:limit]:
                by_schedule.setdefault(task.schedule_id or "", []).append(task)
            return [
                Overdue(
                    self._schedules[schedule_id],
                    [due_task(task) for task in tasks],
                    self._later_due(self._schedules[schedule_id], tasks[-1], now),
                )
                for schedule_id, tasks in by_schedule.items()
                if schedule_id in self._schedules
            ]

    def settle(self, settled: Sequence[Settled], *, now: datetime) -> list[tuple[str, DueTask]]:
        put_off: list[tuple[str, DueTask]] = []
        with self._lock:
            for schedule_id, verdicts, paced_until in settled:
                for ref, (due_at, reason) in verdicts:
                    for task in self._rows._matching([ref], PENDING):
                        if due_at is None:
                            self._end(task, TaskStatus.SKIPPED, reason or "", now)
                            continue
                        again = structs.replace(task, due_at=due_at, fence=task.fence + 1)
                        self._rows._tasks[task.id] = again
                        put_off.append((again.queue, due_task(again)))
                schedule = self._schedules.get(schedule_id)
                if schedule and paced_until:
                    latest = max(paced_until, schedule.paced_until or paced_until)
                    self._schedules[schedule_id] = replace(schedule, paced_until=latest)
        return put_off

    def outdated_page(self, *, tzdata_version: str, limit: int) -> list[tuple[str, str]]:
        with self._lock:
            outdated = [
                (schedule.tenant, schedule.id)
                for schedule in self._schedules.values()
                if schedule.tzdata_version != tzdata_version and schedule.next_at is not None
            ]
        return outdated[:limit]

    def failing_page(
        self, *, now: datetime, failed_since: datetime, limit: int
    ) -> list[tuple[str, str]]:
        with self._lock:
            failing = [
                (schedule.tenant, schedule.id)
                for schedule in self._schedules.values()
                if not schedule.is_paused(now) and self._is_failing(schedule, failed_since)
            ]
        return failing[:limit]

    def _later_due(self, schedule: Schedule, last: Task, now: datetime) -> bool:
        if schedule.next_at is not None and schedule.next_at <= now:
            return True
        return any(
            task.due_at <= now and last.occurrence_at and at > last.occurrence_at
            for at, task in self._by_instant(schedule.id).items()
            if task.status not in NOT_RUN
        )

    def _is_failing(self, schedule: Schedule, failed_since: datetime) -> bool:
        most = schedule.pause_after_failures
        ended = [
            task
            for at, task in sorted(self._by_instant(schedule.id).items())
            if task.status in TRIED and at > schedule.updated_at
        ]
        if most is None or len(ended) < most:
            return False
        last = ended[-most:]
        return all(task.status is TaskStatus.FAILED for task in last) and any(
            task.finished_at and task.finished_at >= failed_since for task in last
        )


def _is_overdue(task: Task, due_before: datetime) -> bool:
    return (
        task.status is TaskStatus.PENDING
        and task.schedule_id is not None
        and task.due_at == task.execute_at
        and task.created_at < task.execute_at
        and task.due_at < due_before
    )
