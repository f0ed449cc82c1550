"""Schedules ↔ the text that PostgreSQL reads and writes."""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from dueline.domain.missed import Missed, MissedPolicy
from dueline.domain.overlap import Overlap
from dueline.domain.schedules import Pause, Recurring, Schedule
from dueline.task_store.connection import Values
from dueline.task_store.parameters import interval, quoted_array, retry_json
from dueline.task_store.rows import instant, instant_or_none, retry_policy, seconds_or_none

RECURRING_COLUMNS = 15


def recurring(cells: Sequence[Any]) -> Recurring:
    """The columns of due_page.sql."""
    return Recurring(**_recurring(cells))


def schedule(cells: Sequence[Any]) -> Schedule:
    """The columns of get.sql."""
    (
        name, updated_at, type_, payload, tags, max_attempts, retry, max_age, timeout, overlap,
        pause_after_failures, tzdata_version,
    ) = cells[RECURRING_COLUMNS:]  # fmt: skip
    return Schedule(
        **_recurring(cells[:RECURRING_COLUMNS]),
        name=name,
        updated_at=instant(updated_at),
        type=type_,
        payload=payload,
        tags=tuple(json.loads(tags)) if tags else (),
        retry=retry_policy(max_attempts, retry, seconds_or_none(max_age)),
        timeout=seconds_or_none(timeout),
        overlap=Overlap(overlap) if overlap else Overlap.ALLOW,
        pause_after_failures=int(pause_after_failures) if pause_after_failures else None,
        tzdata_version=tzdata_version,
    )


def _recurring(cells: Sequence[Any]) -> dict[str, Any]:
    (
        id_, tenant, version, queue, rule, created_at, missed, within, pace, paused_at,
        paused_until, pause_note, next_at, runs_made, paced_until,
    ) = cells  # fmt: skip
    return {
        "id": id_,
        "tenant": tenant,
        "version": int(version),
        "queue": queue,
        "rule": rule,
        "created_at": instant(created_at),
        "missed": _missed(missed, within, pace),
        "pause": _pause(paused_at, paused_until, pause_note) if paused_at else None,
        "next_at": instant_or_none(next_at),
        "runs_made": int(runs_made),
        "paced_until": instant_or_none(paced_until),
    }


def _pause(at: str, until: str | None, note: str | None) -> Pause:
    return Pause(
        at=instant(at), until=instant_or_none(until), note=json.loads(note) if note else None
    )


@lru_cache(maxsize=256)
def _missed(policy: str, within: str | None, pace: str) -> Missed:
    return Missed(
        policy=MissedPolicy(policy),
        within=seconds_or_none(within),
        pace=timedelta(seconds=float(pace)),
    )


def parameters_of(schedule: Schedule) -> dict[str, str | int | None]:
    """What add.sql takes."""
    pause = schedule.pause
    return {
        "id": schedule.id,
        "tenant": schedule.tenant,
        "name": schedule.name,
        "created_at": schedule.created_at.isoformat(),
        "updated_at": schedule.updated_at.isoformat(),
        "version": schedule.version,
        "rule": schedule.rule,
        "task_type": schedule.type,
        "queue": schedule.queue,
        "payload": schedule.payload,
        "tags": quoted_array(schedule.tags) if schedule.tags else None,
        "max_attempts": schedule.retry.max_attempts,
        "retry": retry_json(schedule.retry),
        "retry_max_age": _interval(schedule.retry.max_age),
        "timeout": None if schedule.timeout is None else repr(schedule.timeout.total_seconds()),
        "missed": schedule.missed.policy,
        "missed_within": _interval(schedule.missed.within),
        "missed_pace": interval(schedule.missed.pace),
        "overlap": overlap_or_null(schedule.overlap),
        "paused_at": instant_or_null(pause.at if pause else None),
        "paused_until": instant_or_null(pause.until if pause else None),
        "pause_note": pause.note if pause else None,
        "pause_after_failures": schedule.pause_after_failures,
        "next_at": instant_or_null(schedule.next_at),
        "runs_made": schedule.runs_made,
        "paced_until": instant_or_null(schedule.paced_until),
        "tzdata_version": schedule.tzdata_version,
    }


def changed_parameters_of(seen: Schedule, new: Schedule, now: datetime) -> Values:
    """What replace.sql takes."""
    fixed = ("name", "created_at", "updated_at", "version")
    return {name: value for name, value in parameters_of(new).items() if name not in fixed} | {
        "id": seen.id,
        "tenant": seen.tenant,
        "seen_version": seen.version,
        "seen_next_at": instant_or_null(seen.next_at),
        "now": now.isoformat(),
    }


def overlap_or_null(overlap: Overlap) -> str | None:
    return None if overlap is Overlap.ALLOW else overlap


def instant_or_null(value: datetime | None) -> str | None:
    return None if value is None else value.isoformat()


def _interval(value: timedelta | None) -> str | None:
    return None if value is None else interval(value)
