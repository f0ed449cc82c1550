"""GET /stats: tasks in the mass."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from dueline.clock import SYNC_EVERY
from dueline.domain.errors import InvalidRequest
from dueline.domain.histograms import percentile
from dueline.domain.tasks import FINAL, TaskStatus
from dueline.http_api.decoding import decode_query
from dueline.http_api.durations import read_duration
from dueline.http_api.exchange import Request, Response
from dueline.http_api.instants import rfc_3339
from dueline.http_api.responses import json_response
from dueline.http_api.services import Services
from dueline.http_api.stats_requests import StatsQuery
from dueline.stats_store.interface import KEPT_FOR, Kind, Period

MINUTE = timedelta(minutes=1)
MOST_BUCKETS = 300


class Window(NamedTuple):
    """Whole minutes, the last of which is not over yet; in buckets of a length."""

    since: datetime
    until: datetime
    bucket: timedelta


def read_stats(request: Request, services: Services) -> Response:
    """GET /stats: how many tasks are in each status, and what else the query asks for."""
    query = decode_query(request.query, StatsQuery)
    tenant, stats = request.caller.tenant, services.stats_store()

    def wanted(kind: Kind) -> bool:
        return (
            query.type in {None, kind.type}
            and query.queue in {None, kind.queue}
            and request.caller.may_touch(kind.type)
        )

    window = _window(query, services)
    by_kind = {kind: counts for kind, counts in stats.counts(tenant).items() if wanted(kind)}
    periods: list[Period] = []
    if window:
        since, until, bucket = window
        found = stats.periods(tenant, since=since, until=until, length=bucket)
        periods = [period for period in found if wanted(period.kind)]
    body: dict[str, Any] = _counts(by_kind.values())
    if query.kinds:
        body["kinds"] = _kinds(by_kind, periods, window)
    if window:
        body["window"] = _period(periods, window.since, window.until)
        if query.bucket is not None:
            body["buckets"] = _buckets(periods, window)
    return json_response(body)


def _window(query: StatsQuery, services: Services) -> Window | None:
    if query.window is None:
        if query.bucket is not None:
            raise _invalid("bucket is a part of window; send both.", "/bucket")
        return None
    length = _minutes(query.window, "/window", most=KEPT_FOR)
    bucket = length if query.bucket is None else _minutes(query.bucket, "/bucket", most=length)
    if length / bucket > MOST_BUCKETS:
        raise _invalid(f"These are more than {MOST_BUCKETS} buckets; send a longer one.", "/bucket")
    clock = services.clock()
    clock.sync(older_than=SYNC_EVERY)
    until = clock.now().replace(second=0, microsecond=0) + MINUTE
    return Window(until - length, until, bucket)


def _minutes(value: float | str, name: str, *, most: timedelta) -> timedelta:
    length = read_duration(_number(value), name, least=MINUTE, most=most)
    if length % MINUTE:
        raise _invalid(f"This is {length.total_seconds():g} s; want whole minutes.", name)
    return length


def _number(value: float | str) -> float | str:
    """A query has no numbers: what looks like one is a number of seconds."""
    try:
        return float(value)
    except ValueError:
        return value


def _invalid(detail: str, name: str) -> InvalidRequest:
    return InvalidRequest(detail, code="INVALID_PARAMETER", pointer=name)


def _counts(of_kinds: Iterable[Mapping[str, int]]) -> dict[str, int]:
    sums: Counter[str] = Counter()
    for counts in of_kinds:
        sums.update(counts)
    return {**{status.value: sums[status] for status in TaskStatus}, "total": sums["created"]}


def _kinds(
    by_kind: Mapping[Kind, Mapping[str, int]], periods: Sequence[Period], window: Window | None
) -> list[dict[str, Any]]:
    kinds = []
    for kind, counts in by_kind.items():
        body: dict[str, Any] = {"type": kind.type, "queue": kind.queue, **_counts([counts])}
        if window:
            its_own = [period for period in periods if period.kind == kind]
            body["window"] = _period(its_own, window.since, window.until)
        kinds.append(body)
    return kinds


def _buckets(periods: Sequence[Period], window: Window) -> list[dict[str, Any]]:
    starts: list[datetime] = []
    while (start := window.since + len(starts) * window.bucket) < window.until:
        starts.append(start)
    return [
        _period(
            [period for period in periods if period.start == start],
            start,
            min(start + window.bucket, window.until),
        )
        for start in starts
    ]


def _period(periods: Iterable[Period], since: datetime, until: datetime) -> dict[str, Any]:
    created, ended = 0, Counter[str]()
    lateness, run_time = Counter[int](), Counter[int]()
    for period in periods:
        created += period.created
        ended.update(period.ended)
        lateness.update(period.ran.lateness)
        run_time.update(period.ran.run_time)
    done = ended[TaskStatus.COMPLETED] + ended[TaskStatus.FAILED]
    return {
        "since": rfc_3339(since),
        "until": rfc_3339(until),
        "created": created,
        **{status.value: ended[status] for status in TaskStatus if status in FINAL},
        "throughput_per_second": round(done / (until - since).total_seconds(), 3),
        "lateness_ms": _percentiles(lateness),
        "run_time_ms": _percentiles(run_time),
    }


def _percentiles(counts: Mapping[int, int]) -> dict[str, float] | None:
    known = {
        name: round(seconds * 1000, 3)
        for name, fraction in (("p50", 0.5), ("p95", 0.95), ("p99", 0.99))
        if (seconds := percentile(counts, fraction)) is not None
    }
    return known or None
