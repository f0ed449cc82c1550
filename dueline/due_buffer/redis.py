"""The due buffer in Redis (6.2 or later) or Valkey."""

import logging
import socket
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from importlib.resources import files
from typing import Any, TypeVar

import redis
from redis.backoff import NoBackoff
from redis.commands.core import Script
from redis.retry import Retry

from dueline.domain.errors import BackendUnavailable, BufferLost
from dueline.domain.lanes import Lane
from dueline.domain.tasks import DuePlace, DueTask, TaskRef
from dueline.due_buffer import keys
from dueline.due_buffer.wake_channel import WakeChannel

LOG = logging.getLogger(__name__)
CHUNK = 500  # most members that one script call or command touches in a put or settle
CHECK_AFTER_SECONDS = 30  # a connection idle for longer is pinged before it is used
# A subscription only listens: without these it would not notice for hours that its peer vanished.
KEEPALIVE = {
    "TCP_KEEPIDLE": 30,
    "TCP_KEEPINTVL": 5,
    "TCP_KEEPCNT": 3,
    "TCP_USER_TIMEOUT": 10_000,  # ms, where there is such an option
}
T = TypeVar("T")


class RedisDueBuffer:
    """See DueBuffer. Safe to use from several threads, except that only one may wait.

    Redis may lose everything at any time. What a change of a queue's number of lanes leaves in
    the sets is harmless: it is leased and published like anything else, and its claim decides.
    """

    def __init__(
        self,
        url: str,
        *,
        connect_within: timedelta = timedelta(milliseconds=300),
        answer_within: timedelta = timedelta(milliseconds=300),
    ) -> None:
        self._redis = redis.Redis.from_url(
            url,
            protocol=2,
            decode_responses=True,
            client_name="dueline",
            socket_connect_timeout=connect_within.total_seconds(),
            socket_timeout=answer_within.total_seconds(),
            socket_keepalive=True,
            socket_keepalive_options={
                getattr(socket, option): value
                for option, value in KEEPALIVE.items()
                if hasattr(socket, option)
            },
            health_check_interval=CHECK_AFTER_SECONDS,
            retry=Retry(NoBackoff(), 0),  # the client would repeat a claim whose reply was lost
        )
        self._wake = WakeChannel(self._redis, answer_within=answer_within.total_seconds())
        self._put = self._script("put")
        self._lease_due = self._script("lease_due")
        self._settle = self._script("settle")
        self._move_watermark = self._script("move_watermark")

    def put(self, lane: Lane, tasks: Sequence[DueTask]) -> int:
        added = 0
        sets = [keys.due(lane), keys.in_flight(lane)]
        for chunk in _chunks(tasks):
            pairs = " ".join(f"{keys.to_score(due)} {keys.to_member(ref)}" for ref, due in chunk)
            added += self._repeatable(self._put, keys=sets, args=[keys.wake_channel(lane), pairs])
        return added

    def lease_due(
        self, lane: Lane, *, until: datetime, lease: timedelta, limit: int
    ) -> list[TaskRef]:
        members: str | None = self._once(
            self._lease_due,
            keys=[keys.due(lane), keys.in_flight(lane), keys.watermark(lane)],
            args=[keys.to_score(until), lease // timedelta(milliseconds=1), limit, lane.count],
        )
        if members is None:
            raise BufferLost(f"lane {lane.name} of {lane.count} has no watermark in Redis")
        return [keys.from_member(member) for member in members.split()]

    def settle(self, lane: Lane, refs: Sequence[TaskRef]) -> None:
        for chunk in _chunks(refs):
            members = " ".join(keys.to_member(ref) for ref in chunk)
            self._repeatable(self._settle, keys=[keys.in_flight(lane)], args=[members])

    def next_due(self, lane: Lane) -> datetime | None:
        earliest: list[tuple[str, float]] = self._repeatable(
            self._redis.zrange, keys.due(lane), 0, 0, withscores=True
        )
        return keys.from_score(earliest[0][1]) if earliest else None

    def in_flight(self, lane: Lane) -> int:
        return int(self._repeatable(self._redis.zcard, keys.in_flight(lane)))

    def watermark(self, lane: Lane) -> DuePlace | None:
        value: str | None = self._repeatable(self._redis.get, keys.watermark(lane))
        return keys.read_watermark(lane, value)

    def move_watermark(self, lane: Lane, *, old: DuePlace | None, new: DuePlace) -> bool:
        expected = "" if old is None else keys.watermark_value(lane, old)
        moved = self._once(  # not repeated: a second try would find what the first has set
            self._move_watermark,
            keys=[keys.watermark(lane)],
            args=[expected, keys.watermark_value(lane, new), lane.count],
        )
        return bool(moved)

    def wait(self, lanes: Sequence[Lane], *, timeout: timedelta) -> bool:
        channels = [keys.wake_channel(lane) for lane in lanes]
        return bool(self._once(self._wake.wait, channels, timeout.total_seconds()))

    def ping(self) -> None:
        try:
            memory: Mapping[str, object] = self._repeatable(self._redis.info, "memory")
        except BackendUnavailable as error:
            if not isinstance(error.__cause__, redis.ResponseError):
                raise
            LOG.warning("cannot read maxmemory-policy (%s): make sure it is noeviction", error)
            return
        policy = memory["maxmemory_policy"]
        if policy != "noeviction":
            raise BackendUnavailable(
                "redis", f"maxmemory-policy is {policy}: it deletes what waits; set noeviction"
            )

    def close(self) -> None:
        """Let go of connections. Later calls connect again."""
        self._wake.close()
        self._redis.close()

    def _script(self, name: str) -> Script:
        text = files("dueline.due_buffer").joinpath("lua", f"{name}.lua").read_text()
        return self._redis.register_script(text)

    def _repeatable(self, command: Callable[..., Any], *args: Any, **named: Any) -> Any:
        """Run a command that may run twice: a lost one is tried again on a new connection."""
        try:
            return self._once(command, *args, **named)
        except BackendUnavailable as error:
            if not isinstance(error.__cause__, redis.ConnectionError | redis.TimeoutError):
                raise
        return self._once(command, *args, **named)

    def _once(self, command: Callable[..., Any], *args: Any, **named: Any) -> Any:
        try:
            return command(*args, **named)
        except redis.RedisError as error:
            raise BackendUnavailable("redis", str(error)) from error


def _chunks(items: Sequence[T]) -> list[Sequence[T]]:
    return [items[start : start + CHUNK] for start in range(0, len(items), CHUNK)]
