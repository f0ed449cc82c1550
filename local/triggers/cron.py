"""A function on a fixed rate: what an EventBridge rule rate(1 minute) does.

It fires at once when it starts, so that nobody waits for the first minute, and from then on in
whole periods, as the rule counts from its creation. Were the second event on the whole minute,
the third could find both environments of `tick` at work, and be dropped (docs/decisions/0064).
"""

import json
import threading
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from local.triggers.events import scheduled_event
from local.triggers.invoker import Invoker


def utc_now() -> datetime:
    return datetime.now(UTC)


class Cron:
    """Invokes asynchronously: it never waits for an invocation, and one that is refused or fails
    is logged by the platform and dropped, as with MaximumRetryAttempts 0.
    """

    def __init__(
        self,
        platform: Invoker,
        function: str,
        *,
        every: timedelta = timedelta(minutes=1),
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        self._platform = platform
        self._function = function
        self._every = every
        self._now = now
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"cron-{function}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Fire no more. Invocations under way go on."""
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        begin = due = self._now()
        while not self._stopped.is_set():
            self._fire(due)
            # From the time now: a machine that was suspended fires once, not once per minute.
            # But never the same instant again, should the wait end a moment early.
            due = next_period(begin, max(due, self._now()), every=self._every)
            self._stopped.wait((due - self._now()).total_seconds())

    def _fire(self, due: datetime) -> None:
        event = scheduled_event(event_id=str(uuid.uuid4()), at=due, rule=self._function)
        self._platform.submit(self._function, json.dumps(event).encode())


def next_period(begin: datetime, after: datetime, *, every: timedelta) -> datetime:
    """The first instant after `after` that is a whole multiple of `every` since `begin`."""
    return begin + ((after - begin) // every + 1) * every
