"""Consuming one lane from Redis Streams."""

import time
import uuid
from collections.abc import Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any

import redis

from dueline.domain.errors import BackendUnavailable
from dueline.domain.lanes import Lane
from dueline.work_queue.interface import Delivery
from dueline.work_queue.streams_client import make_group, open_client, redis_errors
from dueline.work_queue.topology import STREAM_GROUP, stream_key

LONGEST_BLOCK = timedelta(seconds=1)  # of one XREADGROUP, so that a silent server is noticed


class RedisStreamsConsumer:
    """See WorkQueueConsumer. Used from one thread.

    Where RabbitMQ sees a consumer die by its connection, here whoever consumes next takes over
    what nobody has acked for `reclaim_after`. It must be longer than any invocation, or a slow
    one's messages come a second time while it works (harmless, but wasted).
    """

    def __init__(
        self,
        url: str,
        lane: Lane,
        *,
        reclaim_after: timedelta = timedelta(minutes=16),
        answer_within: timedelta = timedelta(seconds=1),
    ) -> None:
        self._redis = open_client(
            url,
            name=f"dueline-consumer-{lane.name}",
            answer_within=LONGEST_BLOCK + answer_within,
        )
        self._lane = lane
        self._key = stream_key(lane)
        self._reclaim_after = reclaim_after
        self._name = uuid.uuid4().hex
        self._unsettled: dict[str, Delivery] = {}  # by token

    def receive(self, *, most: int, wait: timedelta) -> list[Delivery]:
        until = time.monotonic() + wait.total_seconds()
        while True:
            left = timedelta(seconds=until - time.monotonic())
            with redis_errors():
                found = self._find(most, block=min(left, LONGEST_BLOCK))
            if found or left <= timedelta(0):
                self._unsettled |= {delivery.token: delivery for delivery in found}
                return found

    def ack(self, deliveries: Sequence[Delivery]) -> None:
        self._settle(deliveries, again=False)

    def requeue(self, deliveries: Sequence[Delivery]) -> None:
        self._settle(deliveries, again=True)

    def close(self) -> None:
        with suppress(BackendUnavailable):  # then they come again after `reclaim_after`
            self.requeue(list(self._unsettled.values()))
            with redis_errors():
                self._redis.xgroup_delconsumer(self._key, STREAM_GROUP, self._name)
        self._unsettled.clear()
        self._redis.close()

    def _find(self, most: int, *, block: timedelta) -> list[Delivery]:
        try:
            return self._reclaim(most) or self._read(most, block)
        except redis.ResponseError as error:
            if not str(error).startswith("NOGROUP"):
                raise
        make_group(self._redis, self._lane)  # new, or flushed
        return []

    def _read(self, most: int, block: timedelta) -> list[Delivery]:
        milliseconds = block // timedelta(milliseconds=1)
        reply: Any = self._redis.xreadgroup(
            STREAM_GROUP,
            self._name,
            {self._key: ">"},
            count=most,
            block=milliseconds if milliseconds > 0 else None,  # 0 would be for ever
        )
        entries = dict(reply or {}).get(self._key.encode(), [])
        return [_delivery(entry, redelivered=b"again" in entry[1]) for entry in entries]

    def _reclaim(self, most: int) -> list[Delivery]:
        reply: Any = self._redis.xautoclaim(
            self._key,
            STREAM_GROUP,
            self._name,
            min_idle_time=self._reclaim_after // timedelta(milliseconds=1),
            count=most,
        )
        # Redis 6.2 lists entries that were deleted meanwhile, without an id.
        return [_delivery(entry, redelivered=True) for entry in reply[1] if entry[0] is not None]

    def _settle(self, deliveries: Sequence[Delivery], *, again: bool) -> None:
        """In one transaction: added anew if they are to come again, and the old entries gone."""
        ours = [delivery for delivery in deliveries if delivery.token in self._unsettled]
        if not ours:
            return
        tokens = [delivery.token for delivery in ours]
        pipeline = self._redis.pipeline(transaction=True)
        if again:
            for delivery in ours:
                pipeline.xadd(self._key, {"body": delivery.body, "again": b"1"})
        pipeline.xack(self._key, STREAM_GROUP, *tokens)
        pipeline.xdel(self._key, *tokens)
        with redis_errors():
            pipeline.execute()
        for token in tokens:
            del self._unsettled[token]


def _delivery(entry: tuple[bytes, dict[bytes, bytes]], *, redelivered: bool) -> Delivery:
    token, fields = entry
    return Delivery(body=fields[b"body"], redelivered=redelivered, token=token.decode())
