"""Publishing to Redis Streams (Redis 6.2 or later): the work queue where no RabbitMQ is to be had.

Each lane is a stream with one consumer group. "Confirmed" is as durable as Redis is: with
appendfsync everysec a power cut loses the last second, which the sweeps repair.
"""

import logging
import time
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any, TypeVar

import redis

from dueline.domain.errors import BackendUnavailable
from dueline.domain.lanes import Lane
from dueline.work_queue.interface import Published
from dueline.work_queue.streams_client import make_group, open_client, redis_errors
from dueline.work_queue.topology import STREAM_GROUP, stream_key

LOG = logging.getLogger(__name__)
CHUNK = 500  # messages of one pipeline
T = TypeVar("T")


class RedisStreamsWorkQueue:
    """See WorkQueue. Safe to use from several threads."""

    def __init__(self, url: str, *, answer_within: timedelta = timedelta(seconds=1)) -> None:
        self._redis = open_client(url, name="dueline-publisher", answer_within=answer_within)
        self._declared: set[Lane] = set()

    def publish(
        self, lane: Lane, bodies: Sequence[bytes], *, deadline: timedelta
    ) -> list[Published]:
        """See WorkQueue. RETURNED is the answer of a stream that does not exist."""
        until = time.monotonic() + deadline.total_seconds()
        answers: list[Published] = []
        try:
            while len(answers) < len(bodies) and time.monotonic() < until:
                self._declare_once(lane)
                chunk = bodies[len(answers) : len(answers) + CHUNK]
                answers += self._try_twice(self._add, lane, chunk)
        except BackendUnavailable as error:
            LOG.warning("messages of lane %s are unconfirmed: %s", lane.name, error)
        if Published.RETURNED in answers:
            self._declared.discard(lane)  # so the next round declares it again
        return answers + [Published.UNKNOWN] * (len(bodies) - len(answers))

    def depth(self, lane: Lane) -> int:
        """What is in the stream, less what consumers have and have not acked."""
        self._declare_once(lane)
        return self._try_twice(self._ready, lane)

    def declare(self, lanes: Sequence[Lane]) -> None:
        for lane in lanes:
            self._try_twice(make_group, self._redis, lane)
            self._declared.add(lane)

    def ping(self) -> None:
        self._try_twice(self._redis.ping)

    def close(self) -> None:
        self._redis.close()
        self._declared.clear()

    def _declare_once(self, lane: Lane) -> None:
        if lane not in self._declared:
            self.declare([lane])

    def _add(self, lane: Lane, bodies: Sequence[bytes]) -> list[Published]:
        pipeline = self._redis.pipeline(transaction=False)
        for body in bodies:
            pipeline.xadd(stream_key(lane), {"body": body}, nomkstream=True)
        return [_answer(reply) for reply in pipeline.execute(raise_on_error=False)]

    def _ready(self, lane: Lane) -> int:
        pipeline = self._redis.pipeline(transaction=True)
        pipeline.xlen(stream_key(lane))
        pipeline.xpending(stream_key(lane), STREAM_GROUP)
        length, pending = pipeline.execute()
        return int(length) - int(pending["pending"])

    def _try_twice(self, command: Callable[..., T], *args: Any) -> T:
        """A kept connection may have died: then once more on a new one. A server that is silent
        is not waited for twice."""
        with redis_errors():
            try:
                return command(*args)
            except redis.ConnectionError:
                return command(*args)


def _answer(reply: object) -> Published:
    if isinstance(reply, Exception):
        return Published.UNKNOWN
    return Published.RETURNED if reply is None else Published.CONFIRMED
