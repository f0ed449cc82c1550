"""What the use cases ask of the task store, grouped by the function that asks.

Every method is one statement, so it happens whole or not at all. `now` is always the
database's time (clock.py). Methods raise BackendUnavailable("postgres") when the server did not
answer; then a write may or may not have happened, and the caller repeats it or leaves it to a
sweep. "No row" is an answer, never an error: someone else holds a newer fence.
"""

from collections.abc import Iterable, Mapping, Sequence, Sized
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol

from dueline.domain.idempotency import KeptAnswer
from dueline.domain.lanes import Lane
from dueline.domain.outcomes import Outcome
from dueline.domain.task_edit import TaskEdit
from dueline.domain.task_filter import TaskFilter
from dueline.domain.tasks import Attempt, Claim, DuePlace, DueTask, Task, TaskRef, TaskStatus


class Claimed(NamedTuple):
    """The answer to a claim. Refs in neither list are duplicates or moved on: drop them."""

    claims: list[Claim]  # now running, ours until the lease ends
    early: list[tuple[str, DueTask]]  # (queue, task) not due yet: belongs in the due buffer


class Renewed(NamedTuple):
    """The answer to a renewal."""

    held: set[str]  # task ids whose lease is now longer; a task missing here is no longer ours
    cancelled: set[str]  # of those, the ones that someone asked to cancel


class TaskPage(NamedTuple):
    """A part of a list."""

    tasks: list[Task]
    goes_on_at: str | None  # None: this is its end


class IdPage(NamedTuple):
    """A part of a list, without the tasks."""

    ids: list[str]
    goes_on_at: str | None  # None: this is its end


class Tasks(Sized, Iterable[Task], Protocol):
    """Some tasks, the same each time; they may be made when they are first come to."""


class Accepting(Protocol):
    """For function `schedule`: new tasks."""

    def server_time(self) -> datetime:
        """The database's clock, now (not the transaction's)."""

    def add(self, tasks: Tasks) -> None:
        """Insert new pending tasks, all or none, committed on return. Safe to repeat: an id that
        is there already is left alone.

        The store may have the first before the last is made. If one cannot be made, the
        DuelineError that says so passes through, and none is kept.

        Raises InvalidRequest for a payload that PostgreSQL cannot store, such as "\\u0000", and
        DedupeKeyTaken.
        """

    def add_once(
        self, tenant: str, key: str, tasks: Tasks, answer: KeptAnswer, *, now: datetime
    ) -> KeptAnswer | None:
        """As add(), and the answer with them, under an idempotency key: both or neither. None:
        done. If the key has been used, nothing is done, and what was kept then is returned.

        Raises RequestInFlight while another is at it, and as add() does.
        BackendUnavailable does not say whether it was done: the same request again finds out.
        """

    def unfinished(self, tenant: str, dedupe_key: str) -> str | None:
        """The id of the task that holds the key, or None if it is free."""

    def ping(self) -> None:
        """Return if the server answers and the schema is there."""


class Managing(Protocol):
    """For function `schedule`: tasks that are there. Whoever asks sees and changes what is their
    tenant's, no more: another's task is not there."""

    def get(self, tenant: str, task_id: str) -> Task | None:
        """One task, or None."""

    def attempts(self, tenant: str, task_id: str) -> list[Attempt]:
        """Its failed and lost attempts, oldest first."""

    def list_tasks(
        self, tenant: str, which: TaskFilter, *, before: str | None, limit: int
    ) -> TaskPage:
        """A page of the tasks that fit, at most `limit`: the newest first, or, of one schedule,
        the latest occurrence first. `before` is `goes_on_at` of the page before (or which.place()
        of any task in it), None the start.

        A page may hold fewer, even none, and yet go on: so that it costs no more than looking at
        some thousands of tasks, however few of them fit.
        """

    def list_ids(self, tenant: str, which: TaskFilter, *, before: str | None, limit: int) -> IdPage:
        """The ids of those that fit among the next `limit` tasks, the newest first."""

    def cancel(
        self, tenant: str, task_ids: Sequence[str], *, now: datetime
    ) -> Mapping[str, TaskStatus]:
        """Call tasks off. What is pending or queued becomes cancelled, under a new fence: it never
        starts. What runs is marked: renew() tells its execute, and instead of being tried again it
        becomes cancelled.

        Returns the status of each that was changed: CANCELLED, or RUNNING.
        """

    def retry(
        self, tenant: str, task_ids: Sequence[str], *, now: datetime
    ) -> list[tuple[str, DueTask]]:
        """failed → pending and due now, under a new fence, with leave for one attempt more where
        all are used up, and without an expiry that has passed. (queue, task) of each. One whose
        dedupe key another has taken meanwhile stays failed.
        """

    def edit(
        self, tenant: str, tasks: Mapping[str, int | None], edit: TaskEdit, *, now: datetime
    ) -> list[tuple[str, DueTask]]:
        """pending or queued → pending under a new fence, changed. `tasks`: id → the fence under
        which it was seen, None: whichever. (queue, task) of each that was changed.

        Of a task that has not begun, execute_at is the moment asked for, and retry_until moves
        along; of one that waits to be tried again, only when it is next to run.
        """


class Gauging(Protocol):
    """For functions `schedule` and `tick`: of all tenants together."""

    def oldest_due(self, queue: str, *, now: datetime) -> DueTask | None:
        """Of the queue's pending tasks the one that was due first, or of its queued ones the one
        that was queued first: whichever was due earlier. None when neither was due before `now`.
        """


class Serving(Accepting, Managing, Gauging, Protocol):
    """All that function `schedule` asks."""


class Dispatching(Gauging, Protocol):
    """For function `tick`."""

    def pending_page(
        self, lane: Lane, *, after: DuePlace | None, until: datetime, limit: int
    ) -> list[DueTask]:
        """Pending tasks of the lane behind `after` and with due_at <= until, in that order:
        `limit` at most."""

    def earliest_due(self, lane: Lane, *, until: datetime, limit: int) -> list[DueTask]:
        """The first pending tasks of the lane with due_at <= until: `limit` at most, however many
        share a due time."""

    def mark_queued(self, refs: Sequence[TaskRef], *, now: datetime) -> int:
        """pending → queued where the fence fits; how many. Rows that a claim holds are left."""

    def reset_unclaimed(self, lane: Lane, *, queued_before: datetime, limit: int) -> list[DueTask]:
        """S2: queued → pending under a new fence, for tasks queued before that time."""

    def has_unclaimed(self, lane: Lane, *, queued_before: datetime) -> bool:
        """Whether reset_unclaimed would find anything: spares the broker a question."""

    def end_lost_leases(self, *, now: datetime, limit: int) -> list[tuple[str, DueTask]]:
        """S3: running with lease_until < now → pending and due now, or failed when attempts are
        used up or the policy's max_age has passed; under a new fence, with a row in `attempts`.

        Returns (queue, task) of those that are pending again.
        """


class Executing(Protocol):
    """For function `execute`."""

    def claim(
        self,
        refs: Sequence[TaskRef],
        *,
        now: datetime,
        until: datetime,
        lease: timedelta,
        worker: str,
    ) -> Claimed:
        """pending or queued → running under fence+1 and attempt+1, where the fence fits and
        due_at <= until. Expired ones (expires_at <= now) become skipped instead.

        An occurrence that may not overlap (overlap.py) does not start while another of its
        schedule is active: it becomes skipped, or pending at a later time under a new fence, and
        is then in `early`. However many claim at once, one of a schedule runs.

        The lease ends at max(now, due_at) + lease; work that takes longer renews it.
        started_at is set to max(now, due_at), the expected start, until `record` knows it.
        """

    def renew(self, refs: Sequence[TaskRef], *, now: datetime, lease: timedelta) -> Renewed:
        """Lengthen the lease of running tasks that are still ours."""

    def record(self, outcomes: Sequence[Outcome], *, worker: str) -> set[str]:
        """Write what became of running tasks; the ids that were written.

        An id that is missing was fenced out: its result is discarded, and counted. A final outcome
        that is there already counts as written, so repeating is safe. A pending outcome gets
        fence+1 (and, where started_at is None, its attempt back). Failed attempts become rows of
        `attempts` too. A result that PostgreSQL cannot store makes its task failed, for good.
        """

    def keep_poison(self, body: bytes, *, reason: str, lane: str, now: datetime) -> None:
        """Keep a message that cannot be read, once per (body, lane)."""


class TaskStore(Serving, Dispatching, Executing, Protocol):
    """All of it, as the adapters implement it."""
