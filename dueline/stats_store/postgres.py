"""The stats store on PostgreSQL. What each method promises is in interface.py."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from dueline.stats_store.interface import (
    KEPT_FOR,
    MOST_PAST_DUE,
    Installation,
    Kind,
    Period,
    Ran,
)
from dueline.stats_store.tallies import ran, with_pending
from dueline.task_store import parameters, rows
from dueline.task_store.connection import Connection, Values


class PostgresStatsStore:
    """Over a connection that other stores use too."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def counts(self, tenant: str) -> Mapping[Kind, Mapping[str, int]]:
        found = self._connection.run("stats_store/counts", {"tenant": tenant}, tenant=tenant)
        by_kind: defaultdict[Kind, dict[str, int]] = defaultdict(dict)
        for type_, queue, status, count in found:
            by_kind[Kind(type_, queue)][status] = int(count)
        return {kind: with_pending(counts) for kind, counts in by_kind.items()}

    def periods(
        self, tenant: str, *, since: datetime, until: datetime, length: timedelta
    ) -> list[Period]:
        values = {
            "tenant": tenant,
            "since": since.isoformat(),
            "until": until.isoformat(),
            "length": parameters.interval(length),
        }
        [folded] = self._connection.run("stats_store/periods", values, tenant=tenant)
        found = rows.unfolded(folded)
        return [
            _period(rows.instant(start), Kind(type_, queue), list(group))
            for (start, type_, queue), group in groupby(found, key=lambda row: tuple(row[:3]))
        ]

    def waiting(self, tenant: str) -> int:
        found = self._connection.run("stats_store/waiting", {"tenant": tenant}, tenant=tenant)
        return int(found[0][0])

    def beats(self) -> Mapping[str, datetime]:
        return {lane: rows.instant(at) for lane, at in self._connection.run("stats_store/beats")}

    def installation(self, *, now: datetime) -> Installation:
        counted = self._connection.run("stats_store/installation")
        counts: defaultdict[tuple[str, str], int] = defaultdict(int)
        for queue, status, *_, count in counted:
            counts[queue, status] += int(count)
        by_queue = groupby(sorted(counted), key=lambda row: row[0])
        values: Values = {"now": now.isoformat(), "most": MOST_PAST_DUE}
        totals: defaultdict[str, dict[str, int]] = defaultdict(dict)
        for what, name, count in self._connection.run("stats_store/totals", values):
            totals[what][name] = int(count)
        return Installation(
            counts=counts,
            ran={queue: _ran(group) for queue, group in by_queue},
            past_due=totals["past_due"],
            counters=totals["counter"],
            poison=totals["poison"].get("", 0),
        )

    def beat(self, lanes: Sequence[str], *, now: datetime, counters: Mapping[str, int]) -> None:
        added = {name: number for name, number in counters.items() if number}
        values = {
            "lanes": parameters.quoted_array(lanes),
            "now": now.isoformat(),
            "names": parameters.quoted_array(added),
            "numbers": parameters.array(map(str, added.values())),
        }
        self._connection.run("stats_store/beat", values)

    def fold(self, *, now: datetime, limit: int) -> int:
        values: Values = {"limit": limit, "forget_before": (now - KEPT_FOR).isoformat()}
        [[folded]] = self._connection.run("stats_store/fold", values)
        return int(folded)


def _period(start: datetime, kind: Kind, group: Sequence[Sequence[Any]]) -> Period:
    ended: defaultdict[str, int] = defaultdict(int)
    for _, _, _, status, _, _, count in group:
        ended[status] += int(count)
    created = ended.pop("created", 0)
    durations = [(int(late), int(run), 0.0, 0.0, int(n)) for _, _, _, _, late, run, n in group]
    return Period(start=start, kind=kind, created=created, ended=ended, ran=ran(durations))


def _ran(group: Iterable[Sequence[Any]]) -> Ran:
    return ran(
        (int(late), int(run), float(late_sum), float(run_sum), int(count))
        for _, _, late, run, late_sum, run_sum, count in group
    )
