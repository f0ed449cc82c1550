"""Publishing to RabbitMQ (3.10 or later): pipelined, confirmed, under one deadline."""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import TypeVar

from dueline.domain.errors import BackendUnavailable
from dueline.domain.lanes import Lane
from dueline.work_queue.confirms import Confirms
from dueline.work_queue.interface import Published
from dueline.work_queue.publisher_channel import PublisherChannel

LOG = logging.getLogger(__name__)
T = TypeVar("T")


class RabbitWorkQueue:
    """See WorkQueue. One connection is kept between calls; calls from several threads take turns.

    A connection is never trusted: one that was idle for long or met an error is replaced, and
    what failed on a kept one is tried once more on a new one, within the same deadline.
    """

    def __init__(self, url: str, *, answer_within: timedelta = timedelta(seconds=5)) -> None:
        self._url = url
        self._answer_within = answer_within
        self._lock = threading.Lock()
        self._channel: PublisherChannel | None = None

    def publish(
        self, lane: Lane, bodies: Sequence[bytes], *, deadline: timedelta
    ) -> list[Published]:
        if not bodies:
            return []
        confirms = Confirms(bodies)
        try:
            self._try_twice(
                lambda channel, until: channel.publish(lane, confirms, until=until), deadline
            )
        except BackendUnavailable as error:
            LOG.warning("messages of lane %s are unconfirmed: %s", lane.name, error)
        return confirms.answers

    def depth(self, lane: Lane) -> int:
        return self._try_twice(
            lambda channel, until: channel.declare(lane, until=until), self._answer_within
        )

    def declare(self, lanes: Sequence[Lane]) -> None:
        for lane in lanes:
            self.depth(lane)  # declares

    def ping(self) -> None:
        self._try_twice(lambda channel, until: channel.check(until=until), self._answer_within)

    def close(self) -> None:
        with self._lock:
            if self._channel is not None:
                self._channel.close()
            self._channel = None

    def _try_twice(self, action: Callable[[PublisherChannel, float], T], within: timedelta) -> T:
        until = time.monotonic() + within.total_seconds()
        with self._lock:
            try:
                return self._try(action, until)
            except BackendUnavailable:
                if time.monotonic() >= until:
                    raise
                return self._try(action, until)

    def _try(self, action: Callable[[PublisherChannel, float], T], until: float) -> T:
        try:
            return action(self._open_channel(until), until)
        except BackendUnavailable:
            self._drop()
            raise

    def _open_channel(self, until: float) -> PublisherChannel:
        if self._channel is not None and self._channel.is_stale:
            self._drop()
        if self._channel is None:
            self._channel = PublisherChannel(self._url, until=until)
        return self._channel

    def _drop(self) -> None:
        if self._channel is not None:
            self._channel.drop()
        self._channel = None
