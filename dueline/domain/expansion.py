"""From a schedule to its next occurrences: a pure plan, which the schedule store carries out."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import blake2b

from dueline.domain.ids import new_task_id
from dueline.domain.missed import MissedPolicy, verdicts
from dueline.domain.recurrence import RecurrenceRule, due_at
from dueline.domain.schedules import Recurring, Schedule, instant_after, recurrence_of
from dueline.domain.tasks import Task, TaskStatus


@dataclass(frozen=True, slots=True, kw_only=True)
class Occurrence:
    """A task to be made: pending and due at `due_at`, or skipped from the start."""

    id: str
    at: datetime  # its nominal instant: occurrence_at
    execute_at: datetime  # with the rule's jitter
    due_at: datetime  # later than execute_at where a missed one is paced
    skipped: str | None = None  # why


@dataclass(frozen=True, slots=True, kw_only=True)
class Expansion:
    """What is to be made of a schedule, if it is still as seen, and how far that takes it."""

    seen: Recurring
    occurrences: Sequence[Occurrence]
    next_at: datetime | None
    runs_made: int
    paced_until: datetime | None


def task_of(schedule: Schedule, occurrence: Occurrence, now: datetime) -> Task:
    """The task that an occurrence is made as."""
    skipped = occurrence.skipped is not None
    return Task(
        id=occurrence.id,
        tenant=schedule.tenant,
        type=schedule.type,
        queue=schedule.queue,
        payload=schedule.payload,
        execute_at=occurrence.execute_at,
        due_at=occurrence.due_at,
        created_at=now,
        tags=schedule.tags,
        schedule_id=schedule.id,
        occurrence_at=occurrence.at,
        overlap=schedule.overlap,
        status=TaskStatus.SKIPPED if skipped else TaskStatus.PENDING,
        retry=schedule.retry,
        timeout=schedule.timeout,
        finished_at=now if skipped else None,
        error=occurrence.skipped,
    )


def planned(
    schedule: Recurring,
    *,
    now: datetime,
    until: datetime,
    late_after: timedelta,
    most: int,
) -> Expansion:
    """The next occurrences of a schedule, from next_at through `until`, at most `most` of them.

    The same question has the same answer, ids included. One that was due more than `late_after`
    ago is missed: the schedule's policy decides. One that lies in a pause is skipped.
    """
    rule = recurrence_of(schedule)
    instants, next_at = _instants(schedule, rule, until, most)
    occurrences = [
        Occurrence(
            id=_id(schedule, at, now),
            at=at,
            execute_at=start,
            due_at=start,
            skipped=_paused(schedule, at),
        )
        for at in instants
        for start in (due_at(rule, at),)
    ]
    paced_until = schedule.paced_until
    if occurrences and occurrences[0].at < now - late_after:
        more_due = next_at is not None and next_at <= now
        occurrences, paced_until = _without_missed(
            schedule, occurrences, now=now, due_before=now - late_after, more_due=more_due
        )
    return Expansion(
        seen=schedule,
        occurrences=occurrences,
        next_at=next_at,
        runs_made=schedule.runs_made + len(instants),
        paced_until=paced_until,
    )


def _without_missed(
    schedule: Recurring,
    occurrences: list[Occurrence],
    *,
    now: datetime,
    due_before: datetime,
    more_due: bool,
) -> tuple[list[Occurrence], datetime | None]:
    """The same after the policy for missed ones has decided, and the new paced_until."""
    running = [o for o in occurrences if o.skipped is None]
    missed = [o for o in running if o.execute_at < due_before]
    later_due = more_due or any(due_before <= o.execute_at <= now for o in running)
    decided = verdicts(
        schedule.missed,
        [o.execute_at for o in missed],
        now=now,
        later_due=later_due,
        paced_until=schedule.paced_until,
    )
    settled = {
        o.id: replace(o, due_at=verdict.due_at or o.due_at, skipped=verdict.skipped)
        for o, verdict in zip(missed, decided, strict=True)
    }
    starts = [o.due_at for o in settled.values() if o.skipped is None]
    paced = starts and schedule.missed.policy is MissedPolicy.ALL
    return (
        [settled.get(o.id, o) for o in occurrences],
        starts[-1] if paced else schedule.paced_until,
    )


def _instants(
    schedule: Recurring, rule: RecurrenceRule, until: datetime, most: int
) -> tuple[list[datetime], datetime | None]:
    """The instants to make, and the first that is left for another time."""
    instants: list[datetime] = []
    at = schedule.next_at
    while at is not None and at <= until and len(instants) < most:
        instants.append(at)
        at = instant_after(schedule, rule, at, made=schedule.runs_made + len(instants))
    return instants, at


def _id(schedule: Recurring, at: datetime, now: datetime) -> str:
    """A task id, which falls into any slot: random enough. One that was taken back has another."""
    name = f"{schedule.id}|{schedule.version}|{at.isoformat()}"
    return new_task_id(now, blake2b(name.encode(), digest_size=10).digest())


def _paused(schedule: Recurring, at: datetime) -> str | None:
    pause = schedule.pause
    if pause is None or at < pause.at or (pause.until is not None and at >= pause.until):
        return None
    return f"paused: {pause.note}" if pause.note else "paused"
