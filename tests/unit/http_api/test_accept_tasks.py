"""What a 2xx promises: stored first, then known to tick, whatever becomes of the second."""

from datetime import timedelta

import pytest

from dueline.domain.errors import BackendUnavailable
from dueline.domain.ids import new_task_id
from dueline.domain.tasks import Task
from dueline.usecases.accept_tasks import accept_tasks
from tests.functions.memory_services import NOON, MemoryServices, down


def task(slot: int, *, queue: str = "default", due_in: timedelta = timedelta(0)) -> Task:
    return Task(
        id=new_task_id(NOON, bytes([1] * 9 + [slot])),
        type="email",
        queue=queue,
        payload="{}",
        execute_at=NOON + due_in,
        due_at=NOON + due_in,
        created_at=NOON,
    )


def accept(services: MemoryServices, *tasks: Task) -> None:
    accept_tasks(
        tasks,
        store=services.task_store(),
        buffer=services.due_buffer(),
        now=NOON,
        settings=services.settings(),
    )


def test_several_tasks_go_to_their_own_lanes() -> None:
    services = MemoryServices()
    lanes = services.settings().lanes

    accept(services, task(0), task(70), task(200), task(5, queue="partner"))

    with_tasks = [lane.name for lane in lanes.all() if services.due_buffer().next_due(lane)]
    assert services.stored() == 4
    assert with_tasks == ["default.0", "default.1", "default.3", "partner.0"]


def test_only_what_is_due_soon_goes_to_the_buffer() -> None:
    services = MemoryServices()
    near = services.settings().horizon + services.settings().slack

    accept(services, task(0, due_in=near + timedelta(microseconds=1)), task(70, due_in=near))

    assert services.stored() == 2
    assert services.buffered() == [NOON + near]


def test_what_is_not_stored_is_not_buffered() -> None:
    services = MemoryServices()
    services.store = down("postgres")

    with pytest.raises(BackendUnavailable):
        accept(services, task(0))

    assert services.buffered() == []


def test_a_buffer_that_is_down_is_logged_by_count_and_lane(
    caplog: pytest.LogCaptureFixture,
) -> None:
    services = MemoryServices()
    services.buffer = down("redis")

    accept(services, task(0), task(1))

    [record] = caplog.records
    assert services.stored() == 2
    assert (vars(record)["event"], vars(record)["tasks"]) == ("put_failed", 2)
