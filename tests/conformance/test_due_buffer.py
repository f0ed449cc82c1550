"""What every due buffer promises."""

import threading
from datetime import datetime, timedelta

import pytest

from dueline.domain.errors import BufferLost
from dueline.domain.lanes import Lane
from dueline.domain.tasks import DuePlace, DueTask, TaskRef
from dueline.due_buffer.interface import DueBuffer
from tests.conformance.queue_steps import BufferUnderTest, make_due, make_lane
from tests.eventually import eventually
from tests.factories import MINUTE, NOON, SECOND, make_task_id

pytest_plugins = ["tests.conformance.queue_fixtures"]

MILLISECOND = timedelta(milliseconds=1)


@pytest.fixture
def loaded(buffer: DueBuffer, lane: Lane) -> DueBuffer:
    """The buffer, with the lane loaded until noon."""
    buffer.move_watermark(lane, old=None, new=DuePlace(NOON))
    return buffer


def take(
    buffer: DueBuffer,
    lane: Lane,
    *,
    until: datetime = NOON,
    lease: timedelta = MINUTE,
    limit: int = 100,
) -> list[TaskRef]:
    return buffer.lease_due(lane, until=until, lease=lease, limit=limit)


def refs(*tasks: DueTask) -> list[TaskRef]:
    return [task.ref for task in tasks]


def test_what_is_due_is_leased_earliest_first(loaded: DueBuffer, lane: Lane) -> None:
    early, late, later = (make_due(at=NOON - minutes * MINUTE) for minutes in (3, 2, 0))
    loaded.put(lane, [late, later, early])

    leased = take(loaded, lane)

    assert leased == refs(early, late, later)


def test_what_is_not_due_yet_stays(loaded: DueBuffer, lane: Lane) -> None:
    loaded.put(lane, [make_due(at=NOON + MILLISECOND)])

    leased = take(loaded, lane, until=NOON)

    assert leased == []
    assert loaded.in_flight(lane) == 0
    assert loaded.next_due(lane) == NOON + MILLISECOND


def test_a_lease_takes_no_more_than_its_limit(loaded: DueBuffer, lane: Lane) -> None:
    tasks = [make_due(at=NOON - (5 - n) * SECOND) for n in range(5)]
    loaded.put(lane, tasks)

    first, second = take(loaded, lane, limit=3), take(loaded, lane, limit=3)

    assert first == refs(*tasks[:3])
    assert second == refs(*tasks[3:])


def test_thousands_go_in_and_out_at_once(loaded: DueBuffer, lane: Lane) -> None:
    tasks = [make_due(at=NOON - n * MILLISECOND) for n in range(2_500)]

    added = loaded.put(lane, tasks)
    leased = take(loaded, lane, limit=5_000)
    loaded.settle(lane, leased)

    assert added == 2_500
    assert leased == refs(*reversed(tasks))
    assert loaded.in_flight(lane) == 0


def test_put_says_how_many_were_new_and_changes_nothing_of_the_others(
    loaded: DueBuffer, lane: Lane
) -> None:
    known, new = make_due(at=NOON), make_due(at=NOON + MINUTE)
    loaded.put(lane, [known])

    added = loaded.put(lane, [DueTask(known.ref, NOON + 2 * MINUTE), new])

    assert added == 1
    assert loaded.next_due(lane) == NOON


def test_nothing_is_put_and_nothing_is_settled(loaded: DueBuffer, lane: Lane) -> None:
    loaded.settle(lane, [])

    assert loaded.put(lane, []) == 0


def test_what_is_in_flight_is_not_put_again(loaded: DueBuffer, lane: Lane) -> None:
    task = make_due()
    loaded.put(lane, [task])
    take(loaded, lane)

    added = loaded.put(lane, [task])

    assert added == 0
    assert loaded.next_due(lane) is None


def test_a_task_under_a_new_fence_is_new(loaded: DueBuffer, lane: Lane) -> None:
    old = make_due(at=NOON - SECOND, fence=9_007_199_254_740_993)  # no double holds it
    new = make_due(at=NOON, fence=old.ref.fence + 1, task_id=old.ref.id)
    loaded.put(lane, [old])

    added = loaded.put(lane, [new])

    assert added == 1
    assert take(loaded, lane) == refs(old, new)


def test_lanes_do_not_see_each_other(loaded: DueBuffer, lane: Lane) -> None:
    other = make_lane()
    loaded.move_watermark(other, old=None, new=DuePlace(NOON))
    loaded.put(lane, [make_due()])

    leased = take(loaded, other)

    assert leased == []
    assert loaded.next_due(other) is None


def test_a_lease_holds_until_it_is_settled(loaded: DueBuffer, lane: Lane) -> None:
    tasks = [make_due(at=NOON - SECOND), make_due(at=NOON)]
    loaded.put(lane, tasks)
    take(loaded, lane)

    loaded.settle(lane, refs(tasks[0], make_due()))

    assert loaded.in_flight(lane) == 1
    assert take(loaded, lane) == []


def test_a_lease_that_ran_out_is_leased_again(loaded: DueBuffer, lane: Lane) -> None:
    task = make_due(at=NOON - MINUTE)
    loaded.put(lane, [task])
    take(loaded, lane, lease=MILLISECOND)

    again = eventually(lambda: take(loaded, lane))

    assert again == refs(task)
    assert loaded.in_flight(lane) == 1
    assert loaded.next_due(lane) is None


def test_a_lease_that_ran_out_does_not_go_before_what_was_due_since(
    loaded: DueBuffer, lane: Lane
) -> None:
    held, waiting = make_due(at=NOON - MINUTE), make_due(at=NOON - SECOND)
    loaded.put(lane, [held])
    take(loaded, lane, lease=MILLISECOND)
    loaded.put(lane, [waiting])

    first = eventually(lambda: take(loaded, lane, limit=1))
    second = eventually(lambda: take(loaded, lane, limit=1))

    assert (first, second) == (refs(waiting), refs(held))


def test_two_ticks_never_lease_the_same(under_test: BufferUnderTest, lane: Lane) -> None:
    under_test.buffer.move_watermark(lane, old=None, new=DuePlace(NOON))
    tasks = [make_due() for _ in range(300)]
    under_test.buffer.put(lane, tasks)
    leased: list[TaskRef] = []

    def work(buffer: DueBuffer) -> None:
        while some := take(buffer, lane, limit=7):
            leased.extend(some)

    ticks = [
        threading.Thread(target=work, args=[buffer])
        for buffer in (under_test.buffer, under_test.another)
    ]
    for tick in ticks:
        tick.start()
    for tick in ticks:
        tick.join()

    assert sorted(leased) == sorted(refs(*tasks))


def test_the_next_due_time_is_the_earliest_rounded_down_to_a_millisecond(
    buffer: DueBuffer, lane: Lane
) -> None:
    assert buffer.next_due(lane) is None

    buffer.put(
        lane, [make_due(at=NOON + SECOND), make_due(at=NOON + timedelta(microseconds=1_999))]
    )

    assert buffer.next_due(lane) == NOON + MILLISECOND


def test_a_lane_that_was_never_loaded_is_lost(buffer: DueBuffer, lane: Lane) -> None:
    buffer.put(lane, [make_due()])

    with pytest.raises(BufferLost):
        take(buffer, lane)

    assert buffer.watermark(lane) is None
    assert buffer.in_flight(lane) == 0


def test_a_flushed_lane_is_lost(under_test: BufferUnderTest, lane: Lane) -> None:
    buffer = under_test.buffer
    buffer.move_watermark(lane, old=None, new=DuePlace(NOON))

    under_test.flush()

    assert buffer.watermark(lane) is None
    with pytest.raises(BufferLost):
        take(buffer, lane)


def test_a_lane_is_lost_when_the_number_of_lanes_changes(loaded: DueBuffer, lane: Lane) -> None:
    resized = make_lane(queue=lane.queue, count=2)

    with pytest.raises(BufferLost):
        take(loaded, resized)

    assert loaded.watermark(resized) is None
    assert loaded.move_watermark(resized, old=None, new=DuePlace(NOON + MINUTE))
    assert loaded.watermark(resized) == DuePlace(NOON + MINUTE)
    assert loaded.watermark(lane) is None


def test_the_watermark_moves_from_what_it_is(loaded: DueBuffer, lane: Lane) -> None:
    moved = loaded.move_watermark(lane, old=DuePlace(NOON), new=DuePlace(NOON + MINUTE))

    assert moved
    assert loaded.watermark(lane) == DuePlace(NOON + MINUTE)


def test_a_watermark_between_tasks_of_one_due_time_is_kept(loaded: DueBuffer, lane: Lane) -> None:
    between = DuePlace(NOON + MINUTE, make_task_id())

    assert loaded.move_watermark(lane, old=DuePlace(NOON), new=between)
    assert loaded.watermark(lane) == between
    assert loaded.lease_due(lane, until=NOON, lease=MINUTE, limit=1) == []
    assert loaded.move_watermark(lane, old=between, new=DuePlace(NOON + MINUTE))


def test_the_watermark_does_not_move_from_what_it_is_not(loaded: DueBuffer, lane: Lane) -> None:
    for old in (DuePlace(NOON - MINUTE), DuePlace(NOON, make_task_id()), None):
        assert not loaded.move_watermark(lane, old=old, new=DuePlace(NOON + MINUTE))

    assert loaded.watermark(lane) == DuePlace(NOON)


def test_a_flush_between_reading_the_watermark_and_moving_it_is_noticed(
    under_test: BufferUnderTest, lane: Lane
) -> None:
    buffer = under_test.buffer
    buffer.move_watermark(lane, old=None, new=DuePlace(NOON))
    read = buffer.watermark(lane)
    under_test.flush()

    moved = buffer.move_watermark(lane, old=read, new=DuePlace(NOON + MINUTE))

    assert not moved
    assert buffer.watermark(lane) is None


def test_a_ping_is_answered(buffer: DueBuffer) -> None:
    buffer.ping()
