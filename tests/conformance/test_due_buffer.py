"""What every due buffer promises."""

import threading
import time
from datetime import timedelta

import pytest

from dueline.domain.errors import BufferLost
from dueline.domain.lanes import Lane
from dueline.domain.tasks import DueTask, TaskRef
from dueline.due_buffer.interface import DueBuffer
from tests.conformance.queue_fixtures import PATIENT, BufferUnderTest, make_due, make_lane
from tests.emulator.eventually import eventually
from tests.factories import MINUTE, NOON, SECOND

pytest_plugins = ["tests.conformance.queue_fixtures"]

MILLISECOND = timedelta(milliseconds=1)
INSTANT = timedelta(0)


@pytest.fixture
def loaded(buffer: DueBuffer, lane: Lane) -> DueBuffer:
    """The buffer, with the lane loaded until noon."""
    buffer.move_watermark(lane, old=None, new=NOON)
    return buffer




def refs(tasks: list[DueTask]) -> list[TaskRef]:
    return [task.ref for task in tasks]
