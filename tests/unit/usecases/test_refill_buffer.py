from datetime import timedelta

from dueline.domain.lanes import Lane
from dueline.due_buffer.memory import MemoryDueBuffer
from dueline.task_store.memory import MemoryTaskStore
from dueline.usecases.refill_buffer import PAGE, refill_buffer
from tests.factories import NOON, SECOND, make_task

LANE = Lane("default", 0, 1)
HORIZON = timedelta(minutes=15)


def test_tasks_due_at_one_instant_are_loaded_page_by_page_and_hide_nothing_after_them() -> None:
    instant = NOON + timedelta(microseconds=123_456)
    herd = [make_task(execute_at=instant) for _ in range(PAGE + 1)]
    after_it = make_task(execute_at=instant + SECOND)
    store, buffer = MemoryTaskStore(), MemoryDueBuffer(lambda: NOON)
    store.add([*herd, after_it])

    loaded = [
        refill_buffer(LANE, store=store, buffer=buffer, now=NOON, horizon=HORIZON) for _ in range(3)
    ]

    leased = buffer.lease_due(LANE, until=NOON + HORIZON, lease=SECOND, limit=2 * PAGE)
    assert loaded == [PAGE, 2, 0]
    assert leased[-1] == after_it.ref
