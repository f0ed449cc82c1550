"""Steps that several tests of the schedule store take."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from dueline.domain.expansion import Expansion, Occurrence
from dueline.domain.schedules import Schedule
from dueline.domain.tasks import Task
from tests.conformance.schedule_store_fixtures import Stores
from tests.factories import MINUTE, NOON, make_occurrence, make_schedule


def added(stores: Stores, **overrides: Any) -> Schedule:
    """A new schedule that is in the store."""
    schedule = make_schedule(**overrides)
    assert stores.schedules.add(schedule)
    return schedule


def found(stores: Stores, schedule: Schedule) -> Schedule:
    """The schedule as it is now."""
    now = stores.schedules.get(schedule.tenant, schedule.id)
    assert now is not None
    return now


def expansion(
    seen: Schedule, *occurrences: Occurrence, next_at: datetime | None = NOON + 10 * MINUTE
) -> Expansion:
    return Expansion(
        seen=seen,
        occurrences=occurrences,
        next_at=next_at,
        runs_made=seen.runs_made + len(occurrences),
        paced_until=seen.paced_until,
    )


def expanded(stores: Stores, seen: Schedule, *instants: datetime, **overrides: Any) -> Schedule:
    """The schedule after these occurrences were made, an hour before noon; its next one comes
    a minute after the last."""
    planned = [make_occurrence(at, **overrides) for at in instants]
    plan = expansion(seen, *planned, next_at=instants[-1] + MINUTE)
    assert stores.schedules.expand([plan], now=NOON - 60 * MINUTE) == {o.id for o in planned}
    return replace(seen, next_at=plan.next_at, runs_made=plan.runs_made)


def tasks_of(stores: Stores, schedule: Schedule) -> Sequence[Task]:
    """Its occurrences, in order."""
    return stores.schedules.occurrences(
        schedule.tenant, schedule.id, at=NOON, before=1_000, after=1_000
    )
