"""Change a schedule, so that no occurrence is lost and none repeated."""

from collections.abc import Callable
from datetime import datetime

from dueline.config import Settings
from dueline.domain.schedules import Schedule, ScheduleChanged, rewound
from dueline.due_buffer.interface import DueBuffer
from dueline.schedule_store.interface import ScheduleStore
from dueline.usecases.add_schedule import make_first
from dueline.usecases.expand_schedules import MOST_OF_ONE, carry_out, plan_of

TRIES = 5
MOST_BATCHES = 20  # of missed occurrences that are settled before a change


def change_schedule(
    seen: Schedule,
    change: Callable[[Schedule], Schedule],
    *,
    store: ScheduleStore,
    buffer: DueBuffer,
    now: datetime,
    settings: Settings,
) -> Schedule:
    """The schedule as `change` makes it of `seen`, from `now` on: edit, pause and resume.

    1. Under the old definition make what is due and not made, so that a change does not reach
       into the past. (Of a paused schedule nothing is: that is for its resume.)
    2. `change`, a pure function, decides; it leaves id, tenant, name and progress alone. next_at
       is the new rule's first instant after now.
    3. In one statement write it, where the schedule is still as seen, and take back the
       occurrences later than now that were made under the old definition. Those that have come
       due stay, under the old one. A crash before it leaves the old definition.
    4. Make the next occurrences. Crash before it: tick does the same within a second. One that is
       running already, a moment ahead of its time, keeps its instant: none is made beside it.
    If tick moves next_at on in the meantime, all of it is done again.
    Raises ScheduleChanged when someone else's change came first; InvalidRecurrence.
    """
    for _ in range(TRIES):
        seen = _settle_past(seen, store=store, buffer=buffer, now=now, settings=settings)
        new = rewound(change(seen), now, made_after=store.made_after(seen, now=now))
        if store.replace(seen, new, now=now):
            changed = _still(seen, store, version=seen.version + 1)
            make_first(changed, store=store, buffer=buffer, now=now, settings=settings)
            return store.get(seen.tenant, seen.id) or changed
        seen = _still(seen, store, version=seen.version)
    raise ScheduleChanged(f"schedule {seen.id} is in the hands of others; try again")


def _settle_past(
    seen: Schedule,
    *,
    store: ScheduleStore,
    buffer: DueBuffer,
    now: datetime,
    settings: Settings,
) -> Schedule:
    for _ in range(MOST_BATCHES):
        if seen.next_at is None or seen.next_at > now or seen.is_paused(now):
            return seen
        expansion = plan_of(seen, now=now, until=now, settings=settings, most=MOST_OF_ONE)
        carry_out([expansion], store=store, buffer=buffer, now=now, settings=settings)
        seen = _still(seen, store, version=seen.version)
    raise ScheduleChanged(f"schedule {seen.id} is still making up for missed time; try again")


def _still(seen: Schedule, store: ScheduleStore, *, version: int) -> Schedule:
    """The schedule as it is now, if it has that version."""
    schedule = store.get(seen.tenant, seen.id)
    if schedule is None or schedule.version != version:
        raise ScheduleChanged(f"schedule {seen.id} was changed or deleted by someone else")
    return schedule
