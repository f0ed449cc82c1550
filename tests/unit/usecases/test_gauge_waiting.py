"""What a tick says about the oldest task that waits."""

import logging

import pytest

from dueline.domain.lanes import LaneMap
from dueline.task_store.memory import MemoryTaskStore
from dueline.usecases.gauge_waiting import gauge_waiting
from tests.factories import NOON, SECOND, make_settings, make_task, make_task_id

SETTINGS = make_settings(lanes=LaneMap({"default": 2, "mail": 1}))


@pytest.fixture(autouse=True)
def _all_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO)


def said(store: MemoryTaskStore, caplog: pytest.LogCaptureFixture) -> dict[str, object]:
    """The fields of the one line that is logged 30 s after noon."""
    gauge_waiting(["default", "mail"], store=store, now=NOON + 30 * SECOND, settings=SETTINGS)
    [line] = caplog.records
    return vars(line)


def test_the_oldest_of_all_queues_is_named_with_its_lane(caplog: pytest.LogCaptureFixture) -> None:
    store = MemoryTaskStore()
    oldest = make_task(id=make_task_id(slot=200), execute_at=NOON)
    store.add([make_task(queue="mail", execute_at=NOON + SECOND), oldest])

    line = said(store, caplog)

    assert line["event"] == "tick_gauge"
    assert line["oldest_due_seconds"] == 30
    assert (line["lane"], line["task_id"]) == ("default.1", oldest.id)


def test_zero_is_said_when_nothing_is_past_due(caplog: pytest.LogCaptureFixture) -> None:
    store = MemoryTaskStore()
    store.add([make_task(execute_at=NOON + 60 * SECOND)])

    line = said(store, caplog)

    assert (line["event"], line["oldest_due_seconds"]) == ("tick_gauge", 0)
