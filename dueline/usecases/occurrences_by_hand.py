"""What a person does with single occurrences: skip, unskip, run now, backfill."""

from dataclasses import replace
from datetime import datetime, timedelta

from dueline.config import Settings
from dueline.domain.errors import InvalidRequest
from dueline.domain.expansion import Occurrence, task_of
from dueline.domain.ids import new_task_id
from dueline.domain.overlap import Overlap
from dueline.domain.recurrence import RecurrenceRule, between, due_at, next_after
from dueline.domain.schedules import Schedule, recurrence_of
from dueline.domain.tasks import DueTask, JsonText, Task, TaskRef
from dueline.due_buffer.interface import DueBuffer
from dueline.schedule_store.interface import Scheduling
from dueline.usecases.offer_to_buffer import offer_soon

BY_HAND = "skipped by hand"  # how the error of such a task begins
MOST_BACKFILLED = 10_000  # instants in one request

_SMALLEST_STEP = timedelta(microseconds=1)


def skip_occurrence(
    schedule: Schedule, at: datetime, *, note: str | None, store: Scheduling, now: datetime
) -> Task | None:
    """Let the occurrence of that instant not run; its task as it then is, None if it has none
    (it was passed before there was one). One that has begun or ended is left as it is.

    1. In one statement: its waiting task becomes skipped, or a skipped one is made ahead of its
       time, which expansion then finds there. A crash leaves it done or not.
    Raises InvalidRequest where the rule has no such instant.
    """
    _check_instant(schedule, at)
    reason = f"{BY_HAND}: {note}" if note else BY_HAND
    occurrence = _occurrence(_unlimited(schedule), at, now, skipped=reason)
    for _ in range(2):  # once more where tick made the occurrence at the same moment
        if store.skip(schedule.tenant, schedule.id, occurrence, now=now):
            break
    return _task_at(schedule, at, store)


def unskip_occurrence(
    schedule: Schedule,
    at: datetime,
    *,
    store: Scheduling,
    buffer: DueBuffer,
    now: datetime,
    settings: Settings,
) -> bool:
    """Undo skip_occurrence(). False: it was not skipped by hand. Where its time has passed, it
    runs at once.

    1. In one statement: the skipped task is removed; a new one takes its place, unless expansion
       has still to come to that instant.
    2. Offer it to the buffer. A crash before it: as with a new task.
    Raises InvalidRequest where the rule has no such instant.
    """
    _check_instant(schedule, at)
    occurrence = _occurrence(_unlimited(schedule), at, now)
    if not store.unskip(schedule.tenant, schedule.id, occurrence, reason=BY_HAND, now=now):
        return False
    if _task_at(schedule, at, store) is not None:
        due = [(schedule.queue, DueTask(TaskRef(occurrence.id, 0), occurrence.due_at))]
        offer_soon(due, buffer=buffer, now=now, settings=settings)
    return True


def run_now(
    schedule: Schedule,
    *,
    store: Scheduling,
    buffer: DueBuffer,
    now: datetime,
    settings: Settings,
    payload: JsonText | None = None,
) -> Task | None:
    """One more occurrence, at once, its instant being now. It waits for its turn where the
    schedule's occurrences may not overlap. None: the schedule is gone.

    1. Insert the task. 2. Offer it to the buffer. A crash between: as with a new task.
    """
    at = now
    while True:
        occurrence = Occurrence(id=new_task_id(now), at=at, execute_at=now, due_at=now)
        overlap = _in_turn(schedule)
        made = store.make(
            schedule.tenant,
            schedule.id,
            [occurrence],
            overlap=overlap,
            payload=payload,
            now=now,
        )
        if made:
            due = [(schedule.queue, DueTask(TaskRef(occurrence.id, 0), now))]
            offer_soon(due, buffer=buffer, now=now, settings=settings)
            template = replace(schedule, overlap=overlap, payload=payload or schedule.payload)
            return task_of(template, occurrence, now)
        if store.get(schedule.tenant, schedule.id) is None:
            return None
        at += _SMALLEST_STEP  # this very instant has an occurrence


def backfill_instants(schedule: Schedule, start: datetime, end: datetime) -> list[datetime]:
    """The rule's instants in (start, end], whether or not they have a task: the dry run.

    Raises InvalidRequest where there are more than MOST_BACKFILLED.
    """
    instants = between(_unlimited(schedule), start, end, limit=MOST_BACKFILLED + 1)
    if len(instants) > MOST_BACKFILLED:
        raise InvalidRequest(
            f"There are more than {MOST_BACKFILLED:,} instants in this range; backfill it in"
            " parts.",
            code="RANGE_TOO_LARGE",
            pointer="/end",
        )
    return instants


def backfill(
    schedule: Schedule,
    start: datetime,
    end: datetime,
    *,
    pace: timedelta,
    store: Scheduling,
    buffer: DueBuffer,
    now: datetime,
    settings: Settings,
) -> int:
    """Make the occurrences of (start, end] that have no task, or one that was skipped, though not
    by hand; how many. They run from now on in order, one each `pace`, and wait for their turn where
    occurrences may not overlap.

    1. Insert them in one statement: all or none. 2. Offer those due soon to the buffer. A crash
    between: as with new tasks. To repeat it is safe: what was made is there already.
    Raises InvalidRequest as backfill_instants does, and for an `end` that is not past.
    """
    _check_is_past(end, now)
    occurrences = [
        Occurrence(id=new_task_id(now), at=at, execute_at=now, due_at=now + number * pace)
        for number, at in enumerate(backfill_instants(schedule, start, end))
    ]
    made = store.make(
        schedule.tenant,
        schedule.id,
        occurrences,
        overlap=_in_turn(schedule),
        sparing=BY_HAND,
        now=now,
    )
    due = [
        (schedule.queue, DueTask(TaskRef(occurrence.id, 0), occurrence.due_at))
        for occurrence in occurrences
        if occurrence.id in made
    ]
    offer_soon(due, buffer=buffer, now=now, settings=settings)
    return len(made)


def _check_is_past(end: datetime, now: datetime) -> None:
    if end > now:
        raise InvalidRequest(
            "A backfill ends in the past; later occurrences are made in their time.",
            code="INVALID_TIME",
            pointer="/end",
        )


def _in_turn(schedule: Schedule) -> Overlap:
    """What was asked for by hand is never dropped for an overlap."""
    return Overlap.ALLOW if schedule.overlap is Overlap.ALLOW else Overlap.BUFFER_ALL


def _unlimited(schedule: Schedule) -> RecurrenceRule:
    return replace(recurrence_of(schedule), max_runs=None)


def _check_instant(schedule: Schedule, at: datetime) -> None:
    following = next_after(_unlimited(schedule), at - _SMALLEST_STEP)
    if following != at:
        other = f"; the next after it is {following.isoformat()}" if following else ""
        raise InvalidRequest(
            f"The schedule has no occurrence at {at.isoformat()}{other}.",
            code="NOT_AN_OCCURRENCE",
            pointer="/at",
        )


def _occurrence(
    rule: RecurrenceRule, at: datetime, now: datetime, *, skipped: str | None = None
) -> Occurrence:
    start = due_at(rule, at)
    return Occurrence(id=new_task_id(now), at=at, execute_at=start, due_at=start, skipped=skipped)


def _task_at(schedule: Schedule, at: datetime, store: Scheduling) -> Task | None:
    found = store.occurrences(schedule.tenant, schedule.id, at=at, before=1, after=0)
    return found[0] if found and found[0].occurrence_at == at else None
