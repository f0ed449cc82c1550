"""What every due buffer promises of waiting for an earlier task."""

import threading
import time
from datetime import timedelta

import pytest

from dueline.domain.lanes import Lane
from dueline.due_buffer.interface import DueBuffer
from tests.conformance.queue_steps import PATIENT, BufferUnderTest, make_due, make_lane
from tests.factories import NOON, SECOND

pytest_plugins = ["tests.conformance.queue_fixtures"]

MILLISECOND = timedelta(milliseconds=1)
INSTANT = timedelta(0)


def test_a_wait_without_news_lasts_exactly_its_timeout(buffer: DueBuffer, lane: Lane) -> None:
    buffer.wait([lane], timeout=INSTANT)
    timeout = timedelta(milliseconds=40)

    waits = []
    for _ in range(10):
        began = time.monotonic()
        assert not buffer.wait([lane], timeout=timeout)
        waits.append(timedelta(seconds=time.monotonic() - began))

    assert min(waits) >= timeout - MILLISECOND
    assert sorted(waits)[5] < timeout + timedelta(milliseconds=20)  # Redis' own would be at 90


@pytest.mark.parametrize("which", [0, 1])
def test_a_wait_ends_when_an_earlier_task_is_put_into_any_of_its_lanes(
    under_test: BufferUnderTest, lane: Lane, which: int
) -> None:
    lanes = [lane, make_lane()]
    under_test.buffer.wait(lanes, timeout=INSTANT)
    heard: list[bool] = []
    waiting = threading.Thread(
        target=lambda: heard.append(under_test.buffer.wait(lanes, timeout=6 * PATIENT))
    )
    waiting.start()

    under_test.another.put(lanes[which], [make_due()])
    waiting.join(timeout=PATIENT.total_seconds())

    assert heard == [True]


def test_what_was_announced_since_the_last_wait_counts_once(
    under_test: BufferUnderTest, lane: Lane
) -> None:
    buffer = under_test.buffer
    buffer.wait([lane], timeout=INSTANT)
    under_test.another.put(lane, [make_due(at=NOON)])
    under_test.another.put(lane, [make_due(at=NOON - SECOND)])

    first = buffer.wait([lane], timeout=PATIENT)
    second = buffer.wait([lane], timeout=10 * MILLISECOND)

    assert (first, second) == (True, False)


def test_a_put_that_brings_nothing_earlier_wakes_nobody(buffer: DueBuffer, lane: Lane) -> None:
    known = make_due(at=NOON)
    buffer.put(lane, [known])
    buffer.wait([lane], timeout=INSTANT)
    buffer.wait([lane], timeout=10 * MILLISECOND)

    buffer.put(lane, [known, make_due(at=NOON + SECOND), make_due(at=NOON)])

    assert not buffer.wait([lane], timeout=50 * MILLISECOND)
