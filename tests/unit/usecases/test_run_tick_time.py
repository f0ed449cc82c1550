"""What a tick does with the time that it is given."""

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest

from dueline.config import Settings
from dueline.domain.lanes import Lane, LaneMap
from dueline.domain.messages import decode_message
from dueline.domain.tasks import DueTask, Task
from dueline.schedule_store.memory import MemoryScheduleStore
from dueline.stats_store.memory import MemoryStatsStore
from dueline.task_store.memory import MemoryTaskStore
from dueline.usecases.run_tick import (
    ENOUGH_MESSAGES,
    HELD_FOR,
    LOST_AGAIN,
    STOP_MARGIN,
    Tick,
    TickReport,
    run_tick,
)
from dueline.usecases.sweep import BATCH
from dueline.work_queue.memory import MemoryBroker, MemoryWorkQueue
from tests.factories import SECOND, make_settings, make_task, make_task_id
from tests.unit.usecases.moving_clock import MovingClock, WaitsByTheClock

LANES = LaneMap({"default": 16})
ONE_LANE = LaneMap({"default": 1})
MILLISECOND = timedelta(milliseconds=1)


class SlowQueue(MemoryWorkQueue):
    """Each publish takes all the time that it may, and is confirmed at the end of it."""

    def __init__(self, broker: MemoryBroker, clock: MovingClock) -> None:
        super().__init__(broker)
        self._clock = clock

    def publish(self, *args: Any, deadline: timedelta) -> Any:
        self._clock.pause(deadline)
        return super().publish(*args, deadline=deadline)


class NotingQueue(MemoryWorkQueue):
    """Notes when it was given messages."""

    def __init__(self, clock: MovingClock) -> None:
        self.broker = MemoryBroker()
        super().__init__(self.broker)
        self._clock = clock
        self.sent: list[tuple[datetime, int]] = []  # when, and how many ids

    def publish(self, lane: Lane, bodies: Sequence[bytes], *, deadline: timedelta) -> Any:
        ids = sum(len(decode_message(body)) for body in bodies)
        self.sent.append((self._clock.time, ids))
        return super().publish(lane, bodies, deadline=deadline)


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


def run_one_lane(
    clock: MovingClock,
    store: MemoryTaskStore,
    queue: MemoryWorkQueue,
    settings: Settings,
    *,
    lasts: timedelta,
) -> TickReport:
    parts: dict[str, Any] = {"store": store, "queue": queue, "settings": settings}
    return run_tick(make_tick(clock, lasts=lasts, lanes=ONE_LANE.all(), **parts))


def test_a_tick_ends_before_its_time_is_up_however_many_lanes_and_slow_the_broker() -> None:
    clock = MovingClock()
    began = clock.time
    store = MemoryTaskStore(clock.now)
    store.add([make_task(id=make_task_id(slot=slot)) for slot in range(256)])
    tick = make_tick(clock, lasts=10 * SECOND, store=store, queue=SlowQueue(MemoryBroker(), clock))

    report = run_tick(tick)

    assert report.sent == 2 * 256 / 16, "two publishes of 5 s, the second one cut short"
    assert clock.time <= began + 10 * SECOND - STOP_MARGIN / 2


def test_what_is_due_closely_after_another_leaves_with_it() -> None:
    clock = MovingClock()
    first = clock.time + SECOND
    store = MemoryTaskStore(clock.now)
    store.add([make_task(execute_at=first + after * MILLISECOND) for after in range(30)])
    queue = NotingQueue(clock)
    settings = make_settings(lanes=ONE_LANE, lead=50 * MILLISECOND)

    run_one_lane(clock, store, queue, settings, lasts=30 * SECOND)

    leaving = [(moment - first + settings.lead, ids) for moment, ids in queue.sent]
    assert leaving == [(0 * SECOND, 11), (11 * MILLISECOND, 11), (22 * MILLISECOND, 8)]


def test_a_tick_says_once_a_minute_how_long_the_oldest_task_waits(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)

    run_tick(make_tick(MovingClock(), lasts=90 * SECOND))

    gauges = [line for line in caplog.records if vars(line).get("event") == "tick_gauge"]
    assert len(gauges) == 2


class TakenFrom(NotingQueue):
    """From one time that its depth is asked to the next somebody takes half of a round."""

    def depth(self, lane: Lane) -> int:
        depth = super().depth(lane)
        self.broker.hand_out(lane, ENOUGH_MESSAGES // 2)
        return depth


class TakesAll(NotingQueue):
    """Whatever is sent is taken when its depth is asked."""

    def depth(self, lane: Lane) -> int:
        self.broker.hand_out(lane, 10_000)
        return super().depth(lane)


# A round of a lane is as many messages as may wait.
ROUNDS = {"dispatch_batch": ENOUGH_MESSAGES, "page": 1}


def test_a_lane_gets_no_more_while_a_full_round_waits_in_its_queue() -> None:
    clock = MovingClock()
    two = LaneMap({"default": 2})
    behind, other = two.all()
    queue = NotingQueue(clock)
    store = MemoryTaskStore(clock.now)
    store.add([make_task(id=make_task_id(slot=0)) for _ in range(3 * ENOUGH_MESSAGES)])
    soon = [clock.time + n * SECOND for n in range(9)]
    store.add([make_task(id=make_task_id(slot=255), execute_at=at) for at in soon])
    settings = make_settings(lanes=two, **ROUNDS)

    report = run_tick(
        make_tick(
            clock, lasts=30 * SECOND, lanes=two.all(), store=store, queue=queue, settings=settings
        )
    )

    assert queue.depth(behind) == ENOUGH_MESSAGES
    assert queue.depth(other) == 9
    assert report.sent == ENOUGH_MESSAGES + 9
    assert report.overdue == 0, "what is held lies in the buffer"


def test_the_next_round_leaves_as_soon_as_the_last_is_taken() -> None:
    clock = MovingClock()
    began = clock.time
    queue = TakenFrom(clock)
    store = MemoryTaskStore(clock.now)
    store.add([make_task() for _ in range(3 * ENOUGH_MESSAGES)])
    settings = make_settings(lanes=ONE_LANE, **ROUNDS)

    run_one_lane(clock, store, queue, settings, lasts=30 * SECOND)

    assert [ids for _, ids in queue.sent] == 3 * [ENOUGH_MESSAGES]
    assert queue.sent[-1][0] - began <= 3 * HELD_FOR


class NotingStore(MemoryTaskStore):
    """Notes when a sweep asked it for what is overdue."""

    def __init__(self, clock: MovingClock) -> None:
        super().__init__(clock.now)
        self._clock = clock
        self.asked: list[datetime] = []

    def earliest_due(self, lane: Lane, *, until: datetime, limit: int) -> list[DueTask]:
        self.asked.append(self._clock.time)
        return super().earliest_due(lane, until=until, limit=limit)


def late_tasks(count: int, clock: MovingClock) -> list[Task]:
    return [make_task(execute_at=clock.time - 10 * SECOND) for _ in range(count)]


def between(moments: Sequence[datetime]) -> list[timedelta]:
    return [later - earlier for earlier, later in pairwise(moments)]


def test_what_a_lane_is_behind_with_is_not_taken_for_lost_each_second() -> None:
    clock = MovingClock()
    store = NotingStore(clock)
    store.add(late_tasks(BATCH + 3 * ENOUGH_MESSAGES, clock))
    settings = make_settings(lanes=ONE_LANE, **ROUNDS)

    report = run_one_lane(clock, store, NotingQueue(clock), settings, lasts=25 * SECOND)

    assert report.sent == ENOUGH_MESSAGES, "nobody takes it, so the lane is behind"
    assert report.overdue == BATCH, "once, before the refill had read them"
    first, *rest = between(store.asked)
    assert first <= settings.longest_wait, "the first look found some"
    assert len(rest) == 4
    assert LOST_AGAIN <= min(rest) <= max(rest) <= LOST_AGAIN + settings.longest_wait


def test_a_lane_that_caught_up_is_looked_at_each_second() -> None:
    clock = MovingClock()
    store = NotingStore(clock)
    store.add(late_tasks(BATCH, clock))
    settings = make_settings(lanes=ONE_LANE)

    report = run_one_lane(clock, store, TakesAll(clock), settings, lasts=10 * SECOND)

    assert report.sent == BATCH
    assert max(between(store.asked)) <= settings.longest_wait + HELD_FOR
