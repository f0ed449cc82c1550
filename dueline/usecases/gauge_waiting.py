"""Say how long the oldest task has been waiting past its due time."""

import logging
from collections.abc import Iterable
from datetime import datetime, timedelta

from dueline.config import Settings
from dueline.task_store.interface import Dispatching

log = logging.getLogger(__name__)

GAUGE_EVERY = timedelta(minutes=1)


def gauge_waiting(
    queues: Iterable[str], *, store: Dispatching, now: datetime, settings: Settings
) -> None:
    """One line of log with the age of what waits longest in these queues, pending or in the work
    queue; 0 when nothing is past due. The alarm of infra/template.yaml looks at it.

    Read before anything is sent, so a moment of waiting is normal: half a minute is not.
    """
    waiting = [
        (task.due_at, queue, task.ref.id)
        for queue in queues
        if (task := store.oldest_due(queue, now=now))
    ]
    if not waiting:
        log.info("nothing is past due", extra={"event": "tick_gauge", "oldest_due_seconds": 0.0})
        return
    due_at, queue, task_id = min(waiting)
    lane = settings.lanes.of_task(queue, task_id).name
    seconds = (now - due_at).total_seconds()
    log.info(
        "%s in lane %s waits for %.3f s",
        task_id,
        lane,
        seconds,
        extra={
            "event": "tick_gauge",
            "oldest_due_seconds": seconds,
            "lane": lane,
            "task_id": task_id,
        },
    )
