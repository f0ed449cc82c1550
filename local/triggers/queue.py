"""A queue's messages to a function: what Lambda's event source mapping does for RabbitMQ.

One invocation at a time. A batch is acked when the function returns, and given back whole when
it fails: there is no partial answer, no limit of retries and no dead-letter queue. How AWS's
poller gives a batch back, and how long it pauses, is not documented; the pauses here are ours.
"""

import json
import threading
import time
from collections.abc import Sequence
from datetime import timedelta

from dueline.domain.errors import BackendUnavailable
from dueline.work_queue.interface import Delivery, WorkQueueConsumer
from local.emulator.functions import ACCOUNT, REGION
from local.emulator.invocations import LARGEST_SYNC_EVENT, EventTooLarge, InvocationRefused
from local.emulator.process import LogSink
from local.triggers.events import rabbitmq_event
from local.triggers.invoker import Invoker

SOURCE_ARN = f"arn:aws:mq:{REGION}:{ACCOUNT}:broker:dueline:b-local"
IDLE_WAIT = timedelta(milliseconds=200)  # also how late a quiet queue notices `stop`
STOP_WAIT = timedelta(seconds=3)
THROTTLED_WAIT = timedelta(seconds=5)
FIRST_PAUSE = timedelta(milliseconds=100)
LONGEST_PAUSE = timedelta(seconds=10)
# After so long without a message the subscription is made anew. RabbitMQ 3.10 sometimes does not
# say that a queue was deleted and made again; it then hands messages to a consumer that never
# gets them (docs/faults.md).
LONGEST_SILENCE = timedelta(seconds=20)


class QueueTrigger:
    """Feeds `function` from one queue, by `source`, which only this trigger's thread uses.

    `batch_size` and `window` are BatchSize and MaximumBatchingWindowInSeconds of the mapping. An
    event is at most 6 MB; a message that is larger alone is dropped, as Lambda does, and logged.
    A lost broker is asked again until it is back, after growing pauses.
    """

    def __init__(
        self,
        platform: Invoker,
        function: str,
        source: WorkQueueConsumer,
        *,
        queue_name: str,
        log: LogSink,
        batch_size: int = 100,
        window: timedelta = timedelta(0),
        longest_silence: timedelta = LONGEST_SILENCE,
    ) -> None:
        self._platform = platform
        self._function = function
        self._source = source
        self._queue_name = queue_name
        self._log = log
        self._batch_size = batch_size
        self._window = window
        self._longest_silence = longest_silence
        self._heard_at = time.monotonic()
        self._held: list[Delivery] = []  # taken, but too large for the last event
        self._failures = 0  # in a row
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._run, name=f"queue-{queue_name}", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        """Take no more; what was not acked goes back to the queue.

        Waits for the invocation under way, but not as long as a handler may take: the rest of it
        ends with the platform.
        """
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join(timeout=STOP_WAIT.total_seconds())

    def _run(self) -> None:
        while not self._stopped.is_set():
            try:
                self._feed()
            except BackendUnavailable as error:
                self._held.clear()  # the broker delivers again what was not acked
                self._say(f"{error}; asking again")
                self._pause()
        self._source.close()  # by the thread that used it: not every driver bears another

    def _feed(self) -> None:
        """Take a batch and bring it to its end: acked, or given back."""
        taken = self._held or self._gather()
        if not taken:
            self._doubt_the_silence()
            return
        self._heard_at = time.monotonic()
        event, batch = self._event(taken)
        self._held = taken[len(batch) :]
        error = self._invoke(event)
        if error is None:
            self._source.ack(batch)
            self._failures = 0
            return
        self._say(f"{error}: the batch of {len(batch)} goes back to the queue")
        self._pause()
        self._source.requeue(batch)

    def _doubt_the_silence(self) -> None:
        if time.monotonic() - self._heard_at > self._longest_silence.total_seconds():
            self._source.close()  # the next `receive` opens another
            self._heard_at = time.monotonic()

    def _gather(self) -> list[Delivery]:
        taken = self._source.receive(most=self._batch_size, wait=IDLE_WAIT)
        window_end = time.monotonic() + self._window.total_seconds()
        while taken and len(taken) < self._batch_size:
            left = timedelta(seconds=window_end - time.monotonic())
            if left <= timedelta(0) or self._stopped.is_set():
                break
            room = self._batch_size - len(taken)
            taken += self._source.receive(most=room, wait=min(left, IDLE_WAIT))
        return taken

    def _event(self, taken: Sequence[Delivery]) -> tuple[bytes, Sequence[Delivery]]:
        """The event, and those of the first messages that are in it."""
        batch = taken
        while True:
            event = rabbitmq_event(batch, source_arn=SOURCE_ARN, queue_name=self._queue_name)
            encoded = json.dumps(event, separators=(",", ":")).encode()
            if len(encoded) <= LARGEST_SYNC_EVENT or len(batch) == 1:
                return encoded, batch
            batch = batch[: len(batch) // 2]

    def _invoke(self, event: bytes) -> str | None:
        """None if the batch is done with, else why it is not."""
        try:
            return self._platform.invoke(self._function, event, wait=THROTTLED_WAIT).error
        except EventTooLarge as refused:
            self._say(f"message dropped: {refused}")
            return None
        except InvocationRefused as refused:
            return f"{refused.code} ({refused})"

    def _pause(self) -> None:
        self._stopped.wait(pause_after(self._failures).total_seconds())
        self._failures += 1

    def _say(self, text: str) -> None:
        self._log(self._function, f"[ERROR] queue {self._queue_name}: {text}")


def pause_after(failures: int) -> timedelta:
    """How long to pause after a failure that follows `failures` others without a success."""
    doublings = min(failures, 30)  # past this the bound decides anyway, and timedelta overflows
    return min(FIRST_PAUSE * (1 << doublings), LONGEST_PAUSE)
