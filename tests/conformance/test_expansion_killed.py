"""Over a real PostgreSQL a tick dies at each step of expansion, beside a second tick: no occurrence
is missing in the end, and none is doubled."""

import random
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from datetime import datetime
from typing import Any

import pytest

from dueline.due_buffer.memory import MemoryDueBuffer
from dueline.schedule_store.interface import ScheduleStore
from dueline.usecases.add_schedule import add_schedule
from dueline.usecases.look_after_schedules import look_after_schedules
from tests.conformance.schedule_store_fixtures import Stores, postgres_stores
from tests.factories import MINUTE, NOON, SECOND, make_schedule, make_settings

pytestmark = pytest.mark.postgres

RUNS = 9  # each dies at every step once, in an order of its own: more than a hundred deaths
STEPS = [
    (method, when)
    for method in ("overdue_page", "settle", "failing_page", "due_page", "expand", "put")
    for when in ("before", "after")
]


class Killed(BaseException):
    """Nothing of the process runs any more: BaseException, so that no code can go on with it."""


class Mortal:
    """A port whose process dies before or after the first call of one method."""

    def __init__(self, port: Any, method: str, when: str) -> None:
        self._port, self._method, self._when = port, method, when

    def __getattr__(self, method: str) -> Callable[..., Any]:
        call = getattr(self._port, method)
        if method != self._method:
            return call  # type: ignore[no-any-return]

        def die(*args: Any, **named: Any) -> Any:
            if self._when == "before":
                raise Killed
            call(*args, **named)
            raise Killed

        return die


@pytest.fixture
def stores(postgres_url: str) -> Iterator[Stores]:
    with ExitStack() as stack:
        yield postgres_stores(postgres_url, stack)


def look_after(store: ScheduleStore, buffer: Any, now: datetime) -> None:
    more = True
    while more:
        more = look_after_schedules(
            store=store, buffer=buffer, now=now, settings=make_settings(), outdated=False
        ).more


@pytest.mark.parametrize("seed", range(RUNS))
def test_no_occurrence_is_missing_and_none_doubled(stores: Stores, seed: int) -> None:
    draw = random.Random(seed)
    buffer = MemoryDueBuffer(lambda: NOON)
    schedules = [make_schedule(rule='{"every": 20}', next_at=NOON + 20 * SECOND) for _ in range(2)]
    for schedule in schedules:
        add_schedule(
            schedule,
            store=stores.schedules,
            buffer=buffer,
            now=NOON,
            settings=make_settings(horizon=MINUTE, slack=SECOND),
        )
    ticks = [stores.schedules, stores.another()]

    now = NOON
    for method, when in draw.sample(STEPS, k=len(STEPS)):
        now += draw.choice((SECOND, 30 * SECOND, 20 * MINUTE))
        mortal: Any = Mortal(draw.choice(ticks), method, when)
        dying_buffer: Any = Mortal(buffer, method, when)
        with suppress(Killed):
            look_after(mortal, dying_buffer, now)
        look_after(draw.choice(ticks), buffer, now)

    for schedule in schedules:
        tasks = stores.schedules.occurrences(
            "default", schedule.id, at=now, before=100_000, after=0
        )
        made = Counter(task.occurrence_at for task in tasks)
        ticked = int((now - NOON) / (20 * SECOND))
        assert made == Counter(NOON + n * 20 * SECOND for n in range(1, ticked + 1))
