"""The stats store in memory: the same promises, judged by the same tests, by counting the tasks
of a store in memory."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from dueline.domain.histograms import BOUNDS
from dueline.domain.tasks import Task, TaskStatus
from dueline.stats_store.interface import MOST_PAST_DUE, Installation, Kind, Period, Ran
from dueline.stats_store.tallies import NONE, ran, with_pending
from dueline.task_store.memory import MemoryTaskStore

MINUTE = timedelta(minutes=1)
RAN = frozenset({TaskStatus.COMPLETED, TaskStatus.FAILED})


class MemoryStatsStore:
    """Threads may share it."""

    def __init__(self, tasks: MemoryTaskStore) -> None:
        self._tasks = tasks
        self._beats: dict[str, datetime] = {}
        self._counters: defaultdict[str, int] = defaultdict(int)

    def counts(self, tenant: str) -> Mapping[Kind, Mapping[str, int]]:
        by_kind: defaultdict[Kind, dict[str, int]] = defaultdict(lambda: defaultdict(int))
        for task in self._of(tenant):
            by_kind[_kind(task)]["created"] += 1
            by_kind[_kind(task)][task.status] += 1
        return {kind: with_pending(counts) for kind, counts in sorted(by_kind.items())}

    def periods(
        self, tenant: str, *, since: datetime, until: datetime, length: timedelta
    ) -> list[Period]:
        created: defaultdict[tuple[datetime, Kind], int] = defaultdict(int)
        ended: defaultdict[tuple[datetime, Kind], list[Task]] = defaultdict(list)
        for task in self._of(tenant):
            if since <= (minute := _minute(task.created_at)) < until:
                created[_start(minute, since, length), _kind(task)] += 1
            if task.finished_at and since <= (minute := _minute(task.finished_at)) < until:
                ended[_start(minute, since, length), _kind(task)].append(task)
        return [
            Period(
                start=start,
                kind=kind,
                created=created[start, kind],
                ended=_by_status(ended[start, kind]),
                ran=_ran(ended[start, kind], sums=False),
            )
            for start, kind in sorted({*created, *ended})
        ]

    def waiting(self, tenant: str) -> int:
        return sum(task.finished_at is None for task in self._of(tenant))

    def beats(self) -> Mapping[str, datetime]:
        return dict(self._beats)

    def installation(self, *, now: datetime) -> Installation:
        counts: defaultdict[tuple[str, str], int] = defaultdict(int)
        past_due: defaultdict[str, int] = defaultdict(int)
        by_queue: defaultdict[str, list[Task]] = defaultdict(list)
        for task in self._all():
            counts[task.queue, "created"] += 1
            if task.status is not TaskStatus.PENDING:
                counts[task.queue, task.status] += 1
            elif task.due_at < now and past_due[task.queue] < MOST_PAST_DUE:
                past_due[task.queue] += 1
            by_queue[task.queue].append(task)
        return Installation(
            counts=counts,
            ran={queue: _ran(tasks, sums=True) for queue, tasks in by_queue.items()},
            past_due={queue: count for queue, count in past_due.items() if count},
            counters={
                name: number
                for name, number in {
                    **self._counters,
                    "fenced_out": self._tasks.fenced_out,
                }.items()
                if number
            },
            poison=sum(poison.times for poison in self._tasks.poison.values()),
        )

    def beat(self, lanes: Sequence[str], *, now: datetime, counters: Mapping[str, int]) -> None:
        for lane in lanes:
            self._beats[lane] = max(now, self._beats.get(lane, now))
        for name, number in counters.items():
            if number:
                self._counters[name] += number

    def fold(self, *, now: datetime, limit: int) -> int:  # noqa: ARG002 - it keeps no counts
        return 0

    def _all(self) -> list[Task]:
        return self._tasks.every_task()

    def _of(self, tenant: str) -> list[Task]:
        return [task for task in self._all() if task.tenant == tenant]


def _kind(task: Task) -> Kind:
    return Kind(task.type, task.queue)


def _minute(instant: datetime) -> datetime:
    return instant.replace(second=0, microsecond=0)


def _start(minute: datetime, since: datetime, length: timedelta) -> datetime:
    return since + (minute - since) // length * length


def _by_status(tasks: Iterable[Task]) -> dict[str, int]:
    counts: defaultdict[str, int] = defaultdict(int)
    for task in tasks:
        counts[task.status] += 1
    return dict(counts)


def _ran(tasks: Iterable[Task], *, sums: bool) -> Ran:
    pairs = [(task.lateness, _run_time(task)) for task in tasks if task.status in RAN]
    return ran(
        (_bucket(late), _bucket(run), _seconds(late) * sums, _seconds(run) * sums, 1)
        for late, run in pairs
    )


def _run_time(task: Task) -> timedelta | None:
    return task.finished_at - task.started_at if task.finished_at and task.started_at else None


def _bucket(duration: timedelta | None) -> int:
    return NONE if duration is None else bisect_right(BOUNDS, duration.total_seconds())


def _seconds(duration: timedelta | None) -> float:
    return duration.total_seconds() if duration else 0.0
