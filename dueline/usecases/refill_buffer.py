"""Load the near future of a lane from the task store into its due buffer."""

from datetime import datetime, timedelta

from dueline.domain.lanes import Lane
from dueline.domain.tasks import DuePlace
from dueline.due_buffer.interface import DueBuffer
from dueline.task_store.interface import Dispatching

PAGE = 5_000


def refill_buffer(
    lane: Lane, *, store: Dispatching, buffer: DueBuffer, now: datetime, horizon: timedelta
) -> int:
    """Load one page of what is due up to now + horizon, past the lane's watermark; how many.

    1. Read the watermark. None (first time, flush, other number of lanes) means: from the start.
    2. Read a page of pending tasks from the store and put it into the buffer. A crash here
       leaves the watermark behind; the next pass puts the same page again, which adds nothing.
    3. Move the watermark by compare-and-set to the page's last task, or, if the page was not full,
       to now + horizon. A flush between 1 and 3 makes this fail, so it cannot hide the loss.

    One page a pass, so that what is due goes out between two pages of a long rebuild. A caller
    that gets PAGE or more back has more to load.
    """
    until = now + horizon
    mark = buffer.watermark(lane)
    if mark is not None and mark.id is None and mark.due_at >= until - _step(horizon):
        return 0
    page = store.pending_page(lane, after=mark, until=until, limit=PAGE)
    if page:
        buffer.put(lane, page)
    reached = DuePlace(until)
    if len(page) >= PAGE:
        last = page[-1]
        reached = DuePlace(last.due_at, last.ref.id)
    buffer.move_watermark(lane, old=mark, new=reached)
    return len(page)


def _step(horizon: timedelta) -> timedelta:
    """The store is asked again only when this much of the horizon is uncovered."""
    return min(horizon / 4, timedelta(seconds=30))
