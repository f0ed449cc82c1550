"""What is asked about tasks in the mass. No answer counts the tasks themselves.

Every method is one statement. `now` is the database's time (clock.py). Methods raise
BackendUnavailable("postgres") when the server did not answer.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol

KEPT_FOR = timedelta(hours=48)  # what is known by the minute; after it only totals are
SILENT_AFTER = timedelta(seconds=90)  # a lane without a beat for longer is not served


class Kind(NamedTuple):
    """What is counted apart: tasks of one type in one queue."""

    type: str
    queue: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ran:
    """How some ended tasks fared. Buckets are places in histograms.BOUNDS."""

    lateness: Mapping[int, int]  # bucket → tasks, of those that were started
    run_time: Mapping[int, int]  # the same of their last attempts
    lateness_seconds: float = 0.0  # sums; 0 where they are not asked for
    run_seconds: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """What happened to one kind of task in one stretch of time."""

    start: datetime
    kind: Kind
    created: int = 0
    ended: Mapping[str, int] = field(default_factory=dict)  # final status → tasks
    ran: Ran


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """All tenants together, for the operator."""

    counts: Mapping[tuple[str, str], int]  # (queue, status) → tasks, and "created" as a status
    ran: Mapping[str, Ran]  # by queue, since ever
    past_due: Mapping[str, int]  # queue → pending tasks past due, counted up to MOST_PAST_DUE
    counters: Mapping[str, int]  # what the functions have done since ever
    poison: int  # messages that could not be read


MOST_PAST_DUE = 100_000


class Measuring(Protocol):
    """For function `schedule`."""

    def counts(self, tenant: str) -> Mapping[Kind, Mapping[str, int]]:
        """How many tasks of the tenant there are, by kind and status; 0 where there is none."""

    def periods(
        self, tenant: str, *, since: datetime, until: datetime, length: timedelta
    ) -> list[Period]:
        """What happened in since <= minute < until, by kind and stretches of `length` from
        `since` on, earliest first; nothing for a stretch in which nothing happened. Known by the
        minute, and for KEPT_FOR."""

    def waiting(self, tenant: str) -> int:
        """How many tasks of the tenant are neither ended nor running."""

    def beats(self) -> Mapping[str, datetime]:
        """When a tick last served each lane; a lane that none has served is not in it."""

    def installation(self, *, now: datetime) -> Installation:
        """Everything that /metrics shows of the tasks."""


class Keeping(Protocol):
    """For functions `tick` and `execute`."""

    def beat(self, lanes: Sequence[str], *, now: datetime, counters: Mapping[str, int]) -> None:
        """A tick serves these lanes, and has done so much more since its last beat. If the answer
        is lost this may count twice."""

    def fold(self, *, now: datetime, limit: int) -> int:
        """Fold up to `limit` rows of what changed into the counts, and forget minutes that are
        older than KEPT_FOR; how many rows. 0 also while another does it."""


class StatsStore(Measuring, Keeping, Protocol):
    """All of it, as the adapters implement it."""
