"""What a tick does while PostgreSQL does not answer."""

from datetime import datetime
from typing import Any

from dueline.domain.lanes import Lane
from dueline.schedule_store.memory import MemoryScheduleStore
from dueline.stats_store.memory import MemoryStatsStore
from dueline.task_store.memory import MemoryTaskStore
from dueline.usecases.run_tick import STOP_MARGIN, Tick, run_tick
from dueline.work_queue.memory import MemoryBroker, MemoryWorkQueue
from tests.factories import SECOND, make_settings, make_task
from tests.unit.usecases.moving_clock import MovingClock, WaitsByTheClock
from tests.unit.usecases.unsteady import Unsteady

LANE = Lane("default", 0, 1)


class ColdClock(MovingClock):
    """Until the store has told it the time it knows none, as in an environment just started."""

    def __init__(self, store: Any) -> None:
        super().__init__()
        self._store = store
        self._knows = False

    def now(self) -> datetime:
        self.sync()
        return super().now()

    def sync(self, **_: object) -> None:
        if not self._knows:
            self._store.server_time()
            self._knows = True


def test_a_tick_that_begins_while_postgres_is_down_goes_on_when_it_is_back() -> None:
    store, broker = MemoryTaskStore(), MemoryBroker()
    store.add([make_task()])
    unsteady: Any = Unsteady(store, "postgres", unanswered={"server_time": 3})
    clock = ColdClock(unsteady)
    ends = clock.time + 10 * SECOND + STOP_MARGIN
    tick = Tick(
        lanes=[LANE],
        store=unsteady,
        schedules=MemoryScheduleStore(store),
        stats=MemoryStatsStore(store),
        buffer=WaitsByTheClock(clock),
        queue=MemoryWorkQueue(broker),
        clock=clock,
        settings=make_settings(),
        remaining=lambda: ends - clock.time,
    )

    report = run_tick(tick)

    assert report.sent == 1
    assert broker.depth(LANE) == 1
