"""Why an instant of a schedule ran late, twice or not at all: read from the rows. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from dueline.domain.recurrence import RecurrenceRule, annotate, due_at, next_after
from dueline.domain.recurrence.cron import Cron
from dueline.domain.recurrence.dst import transition_at
from dueline.domain.recurrence.exclusion import excluded_until
from dueline.domain.recurrence.rrule import Rrule
from dueline.domain.recurrence.rule import NO_EXCLUSION
from dueline.domain.recurrence.wording import counted
from dueline.domain.schedules import Schedule, recurrence_of
from dueline.domain.tasks import Attempt, Task, TaskStatus

LATE = timedelta(seconds=1)  # what starts within it was in time, for a person who asks

_SMALLEST_STEP = timedelta(microseconds=1)
_NOT_RUN = frozenset({TaskStatus.SKIPPED, TaskStatus.CANCELLED})


class Verdict(StrEnum):
    """What became of an instant, in one word."""

    ON_TIME = "on_time"
    LATE = "late"
    TWICE = "twice"  # more than one attempt, or more than one task for it
    NOT_RUN = "not_run"
    WAITING = "waiting"
    NO_OCCURRENCE = "no_occurrence"  # it is no instant of the schedule


@dataclass(frozen=True, slots=True, kw_only=True)
class Explanation:
    """The answer: the verdict, its reasons as sentences, and the tasks that they speak of."""

    verdict: Verdict
    reasons: list[str]
    tasks: list[Task]
    next_at: datetime | None  # the rule's next instant after the one that was asked for


def explain(
    schedule: Schedule,
    at: datetime,
    *,
    now: datetime,
    around: Sequence[Task],
    attempts: Sequence[Attempt] = (),
) -> Explanation:
    """What became of the instant `at`.

    `around`: the schedule's tasks near it, by occurrence_at. `attempts`: those of the task of that
    very instant that failed or lost their lease.
    """
    rule = replace(recurrence_of(schedule), max_runs=None)
    following = next_after(rule, at)
    task = next((task for task in around if task.occurrence_at == at), None)
    others = list(_others(rule, at, following, around))
    if task is None:
        verdict, reasons = _without_a_task(schedule, rule, at, now)
        tasks = others
    else:
        verdict, reasons = _with_a_task(task, attempts, now)
        reasons += _about_the_instant(schedule, rule, at)
        tasks = [task, *others]
    if verdict in {Verdict.ON_TIME, Verdict.LATE} and any(o.first_started_at for o in others):
        verdict = Verdict.TWICE
    reasons += [_about_another(rule, at, other) for other in others]
    return Explanation(verdict=verdict, reasons=reasons, tasks=tasks, next_at=following)


def runs_at(rule: RecurrenceRule, at: datetime) -> bool:
    """Whether the rule has an occurrence at that very instant."""
    return next_after(rule, at - _SMALLEST_STEP) == at


def _others(
    rule: RecurrenceRule, at: datetime, following: datetime | None, around: Sequence[Task]
) -> Iterator[Task]:
    """Tasks that ran for the same time of the clock, or by hand before the next instant."""
    reading = _reading(rule, at)
    for task in around:
        instant = task.occurrence_at
        if instant is None or instant == at or task.status in _NOT_RUN:
            continue
        by_hand = at < instant and (following is None or instant < following)
        if _reading(rule, instant) == reading or (by_hand and not runs_at(rule, instant)):
            yield task


def _about_another(rule: RecurrenceRule, at: datetime, other: Task) -> str:
    instant = other.occurrence_at or other.execute_at
    if _reading(rule, instant) == _reading(rule, at):
        return (
            f"The clock in {rule.zone.key} reads this time twice; task {other.id} is for the "
            f"pass at {instant.isoformat()}."
        )
    return f"Task {other.id} was run by hand at {instant.isoformat()}: no instant of the rule."


def _with_a_task(
    task: Task, attempts: Sequence[Attempt], now: datetime
) -> tuple[Verdict, list[str]]:
    if task.status in _NOT_RUN:
        return Verdict.NOT_RUN, [f"Its task is {task.status}: {task.error or 'by request'}."]
    if task.lateness is None:
        return Verdict.WAITING, [_why_it_waits(task, now)]
    reasons = list(_why_late(task)) if task.lateness >= LATE else []
    verdict = Verdict.LATE if reasons else Verdict.ON_TIME
    if task.attempt > 1:
        verdict = Verdict.TWICE
        reasons.append(f"It was tried {counted(task.attempt, 'time')}.")
        reasons += [
            f"Attempt {attempt.attempt}: {attempt.outcome}, {attempt.error}" for attempt in attempts
        ]
    if task.status is TaskStatus.FAILED:
        reasons.append(f"It failed: {task.error}")
    return verdict, reasons or [f"It started {_ms(task.lateness)} after its time."]


def _why_it_waits(task: Task, now: datetime) -> str:
    if task.due_at > now:
        return f"It is due at {task.due_at.isoformat()}."
    if task.queued_at is not None:
        return (
            f"It has been in the work queue since {task.queued_at.isoformat()}: its lane "
            f"(queue {task.queue}) has not come to it."
        )
    return (
        f"It is due since {task.due_at.isoformat()} and not in the work queue yet: the tick does "
        f"not run, or sends no more while queue {task.queue} is busy."
    )


def _why_late(task: Task) -> Iterator[str]:
    lateness = task.lateness or timedelta(0)
    yield f"It started {lateness} after its time, {task.execute_at.isoformat()}."
    if task.created_at > task.execute_at:
        yield (
            f"Its task was made {task.created_at - task.execute_at} after its time: no tick ran "
            "before, or it was made by hand."
        )
    if task.attempt != 1 or task.first_started_at is None:
        return  # what follows is known of the last attempt only
    if task.due_at > max(task.execute_at, task.created_at):
        yield f"It was put off to {task.due_at.isoformat()}: missed, paced, or waiting its turn."
    if task.queued_at is not None and task.first_started_at - task.queued_at >= LATE:
        waited = task.first_started_at - task.queued_at
        yield f"It waited {waited} in the work queue: queue {task.queue} was busy or not served."
    elif task.queued_at is not None and task.queued_at - task.due_at >= LATE:
        yield f"It came into the work queue {task.queued_at - task.due_at} after it was due."


def _about_the_instant(schedule: Schedule, rule: RecurrenceRule, at: datetime) -> Iterator[str]:
    if not runs_at(rule, at):
        yield (
            "The rule as it is has no run at this instant: it was run by hand, or under an "
            f"earlier definition (changed last at {schedule.updated_at.isoformat()})."
        )
        return
    local = _reading(rule, at).isoformat(sep=" ")
    if annotate(rule, at) == "dst_gap":
        yield (
            f"It stands for times that the clock in {rule.zone.key} jumped over: {local} is the "
            "first after the gap (dst_gap: shift)."
        )
    elif annotate(rule, at) == "dst_fold":
        yield f"The clock in {rule.zone.key} reads {local} twice (dst_overlap: {rule.dst_overlap})."
    if due_at(rule, at) > at:
        yield f"Jitter moves its start by {due_at(rule, at) - at}."


def _without_a_task(
    schedule: Schedule, rule: RecurrenceRule, at: datetime, now: datetime
) -> tuple[Verdict, list[str]]:
    if not runs_at(rule, at):
        return Verdict.NO_OCCURRENCE, [_why_no_occurrence(rule, at)]
    if at <= schedule.created_at:
        made = schedule.created_at.isoformat()
        return Verdict.NOT_RUN, [f"The schedule was made later, at {made}."]
    if schedule.next_at is None:
        return Verdict.NOT_RUN, ["The schedule had ended: max_runs, or ends_at, was reached."]
    if schedule.pause is not None and at >= schedule.pause.at and schedule.next_at <= at:
        why = f": {schedule.pause.note}" if schedule.pause.note else ""
        since = schedule.pause.at.isoformat()
        return Verdict.NOT_RUN, [f"The schedule is paused since {since}{why}."]
    if at > now:
        return Verdict.WAITING, ["It lies ahead; its task is made when its time comes near."]
    if schedule.next_at <= at:
        return Verdict.WAITING, ["Its task is not made yet: the tick is behind, or does not run."]
    if schedule.updated_at > at:
        changed = schedule.updated_at.isoformat()
        return Verdict.NOT_RUN, [
            f"The definition was changed later, at {changed}; the one before may not have had it."
        ]
    return Verdict.NOT_RUN, ["Its task is not there any more."]


def _why_no_occurrence(rule: RecurrenceRule, at: datetime) -> str:
    if rule.starts_at is not None and at < rule.starts_at:
        return f"The rule begins at {rule.starts_at.isoformat()} (starts_at)."
    if rule.ends_at is not None and at > rule.ends_at:
        return f"The rule ended at {rule.ends_at.isoformat()} (ends_at)."
    if runs_at(replace(rule, exclusion=NO_EXCLUSION), at) and excluded_until(
        rule.exclusion, rule.zone, at
    ):
        return "It is excluded (exclude)."
    reading = _reading(rule, at)
    if isinstance(rule.pattern, Cron | Rrule) and rule.pattern.at_or_after(reading) == reading:
        fold = transition_at(rule.zone, reading)
        if fold is not None and not fold.is_gap:
            return (
                f"The clock in {rule.zone.key} reads this time twice that day, and the rule runs "
                f"at another pass (dst_overlap: {rule.dst_overlap})."
            )
    return "The rule does not run at this instant."


def _reading(rule: RecurrenceRule, at: datetime) -> datetime:
    """What the clock on the wall reads."""
    return at.astimezone(rule.zone).replace(tzinfo=None, fold=0)


def _ms(length: timedelta) -> str:
    return f"{length / timedelta(milliseconds=1):.3f} ms"
