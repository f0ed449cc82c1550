"""The bodies of answers about tasks in the mass."""

from datetime import datetime
from typing import Annotated

from msgspec import UNSET, Meta, Struct, UnsetType

Instant = Annotated[datetime, Meta(tz=True)]


class Percentiles(Struct, frozen=True, kw_only=True):
    """Of durations, in milliseconds; exact to the bounds 1, 2, 5 of each decade."""

    p50: float
    p95: float
    p99: float


class Period(Struct, frozen=True, kw_only=True):
    """What happened in one stretch of time, known by the minute."""

    since: Instant
    until: Instant
    created: int
    completed: int
    failed: int
    cancelled: int
    skipped: int
    throughput_per_second: Annotated[float, Meta(description="Completed and failed")]
    lateness_ms: Annotated[
        Percentiles | None, Meta(description="First start minus execute_at; null: none started")
    ]
    run_time_ms: Annotated[Percentiles | None, Meta(description="Of the last attempts")]


class Counts(Struct, frozen=True, kw_only=True):
    """How many tasks are in each status."""

    pending: int
    queued: int
    running: int
    completed: int
    failed: int
    cancelled: int
    skipped: int
    total: int


class KindCounts(Counts, frozen=True, kw_only=True):
    """The same for the tasks of one type in one queue."""

    type: str
    queue: str
    window: Annotated[Period | UnsetType, Meta(description="If a window was asked for")] = UNSET


class Stats(Counts, frozen=True, kw_only=True):
    """How many tasks there are; the rest if it was asked for."""

    kinds: Annotated[tuple[KindCounts, ...] | UnsetType, Meta(description="By type and queue")] = (
        UNSET
    )
    window: Annotated[Period | UnsetType, Meta(description="What happened lately")] = UNSET
    buckets: Annotated[
        tuple[Period, ...] | UnsetType, Meta(description="The window in pieces, earliest first")
    ] = UNSET
