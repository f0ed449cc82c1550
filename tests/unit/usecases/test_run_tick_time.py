"""What a tick does with the time that it is given."""

import logging
from datetime import timedelta
from typing import Any

import pytest

from dueline.domain.lanes import LaneMap
from dueline.schedule_store.memory import MemoryScheduleStore
from dueline.stats_store.memory import MemoryStatsStore
from dueline.task_store.memory import MemoryTaskStore
from dueline.usecases.run_tick import STOP_MARGIN, Tick, run_tick
from dueline.work_queue.memory import MemoryBroker, MemoryWorkQueue
from tests.factories import SECOND, make_settings, make_task, make_task_id
from tests.unit.usecases.moving_clock import MovingClock, WaitsByTheClock

LANES = LaneMap({"default": 16})


class SlowQueue(MemoryWorkQueue):
    """Each publish takes all the time that it may, and is confirmed at the end of it."""

    def __init__(self, broker: MemoryBroker, clock: MovingClock) -> None:
        super().__init__(broker)
        self._clock = clock

    def publish(self, *args: Any, deadline: timedelta) -> Any:
        self._clock.pause(deadline)
        return super().publish(*args, deadline=deadline)


def make_tick(clock: MovingClock, *, lasts: timedelta, **parts: Any) -> Tick:
    ends = clock.time + lasts
    store = MemoryTaskStore(clock.now)
    values: dict[str, Any] = {
        "lanes": LANES.all(),
        "store": store,
        "schedules": MemoryScheduleStore(store),
        "stats": MemoryStatsStore(store),
        "buffer": WaitsByTheClock(clock),
        "queue": MemoryWorkQueue(MemoryBroker()),
        "settings": make_settings(lanes=LANES),
    } | parts
    return Tick(clock=clock, remaining=lambda: ends - clock.time, **values)


def test_a_tick_ends_before_its_time_is_up_however_many_lanes_and_slow_the_broker() -> None:
    clock = MovingClock()
    began = clock.time
    store = MemoryTaskStore(clock.now)
    store.add([make_task(id=make_task_id(slot=slot)) for slot in range(256)])
    tick = make_tick(clock, lasts=10 * SECOND, store=store, queue=SlowQueue(MemoryBroker(), clock))

    report = run_tick(tick)

    assert report.sent == 2 * 256 / 16, "two publishes of 5 s, the second one cut short"
    assert clock.time <= began + 10 * SECOND - STOP_MARGIN / 2


def test_a_tick_says_once_a_minute_how_long_the_oldest_task_waits(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)

    run_tick(make_tick(MovingClock(), lasts=90 * SECOND))

    gauges = [line for line in caplog.records if vars(line).get("event") == "tick_gauge"]
    assert len(gauges) == 2
