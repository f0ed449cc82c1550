"""Listening for announcements of earlier tasks: a subscription on a connection of its own."""

import time
from collections.abc import Sequence

from redis import Redis
from redis.client import PubSub
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import TimeoutError as RedisTimeoutError

# A subscription left alone for longer may be dead without a sign: the process was frozen, or a
# load balancer forgot the connection.
LONGEST_IDLE_SECONDS = 60.0


class WakeChannel:
    """A subscription that is kept between waits, so that nothing announced in between is missed.

    A subscription begins with "look around" (True): what was announced before it is unknown.
    The wait is timed here, by the monotonic clock: Redis' own blocking timeouts end up to 100 ms
    late.
    """

    def __init__(self, redis: Redis, *, answer_within: float) -> None:
        self._redis = redis
        self._answer_within = answer_within
        self._subscription: PubSub | None = None
        self._channels: frozenset[str] = frozenset()
        self._used_at = 0.0

    def wait(self, channels: Sequence[str], timeout: float) -> bool:
        """True as soon as one of the channels spoke, or the subscription is new; False after
        `timeout` seconds. Raises redis-py's errors if no subscription can be had."""
        idle = time.monotonic() - self._used_at > LONGEST_IDLE_SECONDS
        if idle or self._channels != frozenset(channels):
            self.close()
        try:
            if self._subscription is not None:
                return self._listen(self._subscription, timeout)
        except (RedisConnectionError, RedisTimeoutError):
            self.close()
        self._subscribe(channels)
        return True

    def close(self) -> None:
        if self._subscription is not None:
            self._subscription.close()
        self._subscription = None
        self._channels = frozenset()

    def _listen(self, subscription: PubSub, timeout: float) -> bool:
        until = time.monotonic() + timeout
        heard = False
        while not heard and (left := until - time.monotonic()) > 0:
            heard = subscription.get_message(timeout=left) is not None
        while subscription.get_message(timeout=0) is not None:  # one look around answers them all
            heard = True
        self._used_at = time.monotonic()
        return heard

    def _subscribe(self, channels: Sequence[str]) -> None:
        subscription: PubSub = self._redis.pubsub()  # type: ignore[no-untyped-call]
        self._subscription = subscription
        subscription.subscribe(*channels)
        for channel in channels:
            if subscription.get_message(timeout=self._answer_within) is None:
                raise RedisTimeoutError(f"no answer to SUBSCRIBE {channel}")
        self._channels = frozenset(channels)  # only now: a half-made subscription is not kept
        self._used_at = time.monotonic()
