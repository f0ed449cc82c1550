"""What the use cases ask of the schedule store, grouped by the function that asks.

Every method is one statement, so it happens whole or not at all. Occurrences are tasks: rows of
the task store. At most one task has a (schedule, occurrence_at) pair, whoever makes it: inserting
a second is no error, it is left out of the answer. A statement that changes a schedule names the
version and the next_at that it saw (`seen`), and does nothing if it is no longer those.
`now` is always the database's time. Methods raise BackendUnavailable("postgres").
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol

from dueline.domain.expansion import Expansion, Occurrence
from dueline.domain.missed import Verdict
from dueline.domain.overlap import Overlap
from dueline.domain.schedules import Recurring, Schedule
from dueline.domain.tasks import DueTask, JsonText, Task, TaskRef


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleFilter:
    """Which schedules of a tenant are meant; None: any."""

    type: str | None = None
    queue: str | None = None
    tag: str | None = None
    name_prefix: str | None = None
    paused: bool | None = None  # at the time of asking


class Settled(NamedTuple):
    """What the policy for missed occurrences says about those of a schedule."""

    schedule_id: str
    verdicts: list[tuple[TaskRef, Verdict]]
    paced_until: datetime | None


class Overdue(NamedTuple):
    """Occurrences of a schedule that were made in time, and not sent in time."""

    schedule: Recurring
    tasks: list[DueTask]  # earliest instant first
    later_due: bool  # another occurrence, later than all of these, is due by now


class Scheduling(Protocol):
    """For function `schedule`. Whoever asks sees and changes what is their tenant's, no more."""

    def add(self, schedule: Schedule) -> bool:
        """Insert a new schedule. False: its tenant has one of that name. Safe to repeat: an id
        that is there already is left alone, and True.

        Raises InvalidRequest for a payload that PostgreSQL cannot store.
        """

    def get(self, tenant: str, schedule_id: str) -> Schedule | None:
        """One schedule, or None."""

    def get_by_name(self, tenant: str, name: str) -> Schedule | None:
        """One schedule, or None."""

    def page(
        self,
        tenant: str,
        *,
        now: datetime,
        wanted: ScheduleFilter,
        after: str | None,
        limit: int,
    ) -> list[Schedule]:
        """Newest first; `after` is the id of the last one of the page before."""

    def replace(self, seen: Schedule, new: Schedule, *, now: datetime) -> bool:
        """Write `new` (same id, tenant and name; its version is made seen.version + 1, its
        updated_at is `now`) in place of `seen`, and take back the occurrences later than `now`
        that wait for their first attempt: their rows are gone, to be made anew. So new.next_at
        is not later than the first of those. False: it is no longer as seen.

        Raises InvalidRequest for a payload that PostgreSQL cannot store.
        """

    def made_after(self, seen: Schedule, *, now: datetime) -> int:
        """How many of its instants later than `now` the next_at that was seen has passed."""

    def delete(self, tenant: str, schedule_id: str, *, version: int | None, now: datetime) -> bool:
        """Delete it if it has that version (None: any); what waits of its occurrences becomes
        cancelled, for that reason. False: there is none, or it is of another version.
        """

    def occurrences(
        self, tenant: str, schedule_id: str, *, at: datetime, before: int, after: int
    ) -> list[Task]:
        """Its tasks around an instant, in the order of occurrence_at: the last `before` of those
        with occurrence_at <= at, and the first `after` of those later."""

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
        """Make occurrences by hand (run now, backfill): the schedule's template, with this overlap
        and payload (None: its own). The ids that were inserted; the others' instants have a task
        already. next_at and runs_made stay as they are.

        `sparing`: a skipped task of such an instant gives way, unless its error begins with this.
        None: none gives way.

        Raises InvalidRequest for a payload that PostgreSQL cannot store.
        """

    def skip(self, tenant: str, schedule_id: str, occurrence: Occurrence, *, now: datetime) -> bool:
        """Let one occurrence not run: its task, where that waits for its first attempt, becomes
        skipped with `occurrence.skipped` as its error; and where next_at has not passed the
        instant yet, a skipped task is made, so that none else can be. False: neither was so.
        """

    def unskip(
        self, tenant: str, schedule_id: str, occurrence: Occurrence, *, reason: str, now: datetime
    ) -> bool:
        """Undo skip(): the skipped task of that instant, if its error begins with `reason`, is
        removed; `occurrence` is made in its place where next_at has passed it (elsewhere it will
        be in time). False: there was nothing to undo.
        """


class Expanding(Protocol):
    """For function `tick`. These look at all tenants."""

    def due_page(self, *, now: datetime, until: datetime, limit: int) -> list[Recurring]:
        """Schedules with next_at <= until, earliest first, that are not paused at `now`."""

    def expand(self, expansions: Sequence[Expansion], *, now: datetime) -> set[str]:
        """Make occurrences, each expansion where its schedule is still as seen, and move next_at,
        runs_made and paced_until on. The ids of the tasks that were inserted: pending or skipped.

        The template of the tasks is the schedule's row.
        """

    def overdue_page(self, *, now: datetime, due_before: datetime, limit: int) -> list[Overdue]:
        """Occurrences that were made before their time, and are still pending though they were due
        before that: at most `limit` of them, by schedule. Left out are those that were put off
        (due_at > execute_at: retries, and what was decided already), and made by hand.
        """

    def settle(self, settled: Sequence[Settled], *, now: datetime) -> list[tuple[str, DueTask]]:
        """pending → skipped, or pending at the verdict's time, under a new fence, where the fence
        is still as seen; and paced_until moved on. (queue, task) of those still pending.
        """

    def outdated_page(self, *, tzdata_version: str, limit: int) -> list[tuple[str, str]]:
        """(tenant, id) of schedules whose next_at was computed with another version of the time
        zone rules."""

    def failing_page(
        self, *, now: datetime, failed_since: datetime, limit: int
    ) -> list[tuple[str, str]]:
        """(tenant, id) of schedules that are not paused at `now`, of which an occurrence failed
        since then, and of which the last `pause_after_failures` that completed or failed all
        failed: of the instants after the schedule's updated_at.
        """


class ScheduleStore(Scheduling, Expanding, Protocol):
    """All of it, as the adapters implement it."""
