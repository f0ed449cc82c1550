"""What a sweep says of a lane."""

from datetime import timedelta

from dueline.domain.lanes import LaneMap
from dueline.due_buffer.memory import MemoryDueBuffer
from dueline.task_store.memory import MemoryTaskStore
from dueline.usecases.sweep import BATCH, Swept, sweep_lane
from dueline.work_queue.memory import MemoryBroker, MemoryWorkQueue
from tests.factories import NOON, make_settings, make_task


def test_none_lost_is_said_of_a_full_page_that_the_buffer_had_already() -> None:
    settings = make_settings(lanes=LaneMap({"default": 1}))
    [lane] = settings.lanes.all()
    store, buffer = MemoryTaskStore(lambda: NOON), MemoryDueBuffer(lambda: NOON)
    queue = MemoryWorkQueue(MemoryBroker())
    late = NOON - 2 * settings.overdue_grace

    def sweep() -> Swept:
        return sweep_lane(
            lane, store=store, buffer=buffer, queue=queue, now=NOON, settings=settings
        )

    store.add([make_task(execute_at=late) for _ in range(BATCH - 1)])
    assert sweep() == Swept(overdue=BATCH - 1)
    assert sweep() == Swept(), "so few can be read each second"

    store.add([make_task(execute_at=late - timedelta(seconds=1))])
    assert sweep() == Swept(overdue=1), "one was lost, so others may be"
    assert sweep() == Swept(none_lost=True)
