"""GET /metrics: the whole installation in Prometheus' text format (version 0.0.4)."""

from collections.abc import Iterator, Mapping

from dueline.clock import SYNC_EVERY
from dueline.domain.histograms import BOUNDS, cumulative
from dueline.domain.tasks import TaskStatus
from dueline.http_api.exchange import Request, Response
from dueline.http_api.services import Services
from dueline.stats_store.interface import SILENT_AFTER, Installation
from dueline.stats_store.tallies import with_pending

MEDIA_TYPE = "text/plain; version=0.0.4; charset=utf-8"
REPAIRS = ("overdue", "unclaimed", "lost_leases")


def read_metrics(request: Request, services: Services) -> Response:  # noqa: ARG001
    """GET /metrics: what is to be watched, of all tenants together."""
    clock, store = services.clock(), services.task_store()
    clock.sync(older_than=SYNC_EVERY)
    now = clock.now()
    seen = services.stats_store().installation(now=now)
    lanes = services.settings().lanes
    oldest = {
        queue: (now - task.due_at).total_seconds()
        for queue in lanes.counts
        if (task := store.oldest_due(queue, now=now))
    }
    beats = services.stats_store().beats()
    lags = {
        lane.name: (now - beats[lane.name]).total_seconds() if lane.name in beats else None
        for lane in lanes.all()
    }
    queues = sorted({queue for queue, _ in seen.counts} | lanes.counts.keys())
    lines = [*_of_tasks(seen, queues, oldest), *_of_durations(seen), *_of_functions(seen, lags)]
    return Response(status=200, body="\n".join([*lines, ""]), headers={"Content-Type": MEDIA_TYPE})


def _of_tasks(seen: Installation, queues: list[str], oldest: Mapping[str, float]) -> Iterator[str]:
    by_queue = {
        queue: with_pending({what: n for (name, what), n in seen.counts.items() if name == queue})
        for queue in queues
    }
    yield from _head("dueline_tasks", "gauge", "Tasks by queue and status")
    for queue in queues:
        for status in TaskStatus:
            yield _line("dueline_tasks", by_queue[queue][status], queue=queue, status=status)
    yield from _head("dueline_tasks_created_total", "counter", "Tasks that were ever made")
    for queue in queues:
        yield _line("dueline_tasks_created_total", by_queue[queue]["created"], queue=queue)
    yield from _head("dueline_backlog", "gauge", "Tasks past due that have not begun")
    for queue in queues:
        waiting = seen.past_due.get(queue, 0) + by_queue[queue][TaskStatus.QUEUED]
        yield _line("dueline_backlog", waiting, queue=queue)
    yield from _head(
        "dueline_oldest_due_seconds", "gauge", "How long the oldest of them has been past due"
    )
    for queue in queues:
        yield _line("dueline_oldest_due_seconds", oldest.get(queue, 0), queue=queue)


def _of_durations(seen: Installation) -> Iterator[str]:
    histograms = (
        ("dueline_lateness_seconds", "First start minus execute_at", "lateness"),
        ("dueline_run_seconds", "Time that the last attempt took", "run_time"),
    )
    for name, meaning, field in histograms:
        yield from _head(name, "histogram", f"{meaning}, of tasks that completed or failed")
        for queue, ran in sorted(seen.ran.items()):
            sums = cumulative(getattr(ran, field))
            for bound, count in zip([*BOUNDS, "+Inf"], sums, strict=True):
                yield _line(f"{name}_bucket", count, queue=queue, le=str(bound))
            seconds = ran.lateness_seconds if field == "lateness" else ran.run_seconds
            yield _line(f"{name}_sum", round(seconds, 6), queue=queue)
            yield _line(f"{name}_count", sums[-1], queue=queue)


def _of_functions(seen: Installation, lags: Mapping[str, float | None]) -> Iterator[str]:
    yield from _head(
        "dueline_tick_lag_seconds", "gauge", "Time since a tick last served the lane; +Inf: never"
    )
    for lane, lag in lags.items():
        yield _line("dueline_tick_lag_seconds", "+Inf" if lag is None else lag, lane=lane)
    yield from _head("dueline_tick_up", "gauge", "0: no tick has served the lane for 90 s")
    for lane, lag in lags.items():
        up = lag is not None and lag <= SILENT_AFTER.total_seconds()
        yield _line("dueline_tick_up", int(up), lane=lane)
    yield from _head("dueline_repairs_total", "counter", "Tasks that a sweep put back, by why")
    for kind in REPAIRS:
        yield _line("dueline_repairs_total", seen.counters.get(kind, 0), kind=kind)
    others = (
        ("sent", "Ids whose message the broker confirmed"),
        ("unsent", "Ids whose message it did not; they are sent again"),
        ("fenced_out", "Results that came too late to be written"),
    )
    for name, meaning in others:
        yield from _head(f"dueline_{name}_total", "counter", meaning)
        yield _line(f"dueline_{name}_total", seen.counters.get(name, 0))
    yield from _head("dueline_poison_total", "counter", "Messages that could not be read")
    yield _line("dueline_poison_total", seen.poison)


def _head(name: str, kind: str, meaning: str) -> Iterator[str]:
    yield f"# HELP {name} {meaning}"
    yield f"# TYPE {name} {kind}"


def _line(name: str, value: float | str, **labels: str) -> str:
    # Names of queues and lanes match a pattern that has nothing to escape.
    shown = ",".join(f'{label}="{text}"' for label, text in labels.items())
    return f"{name}{{{shown}}} {value}" if shown else f"{name} {value}"
