"""The rate limiter in Redis (6.2 or later) or Valkey: one script, one key for each bucket."""

import time
from importlib.resources import files

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from dueline.domain.errors import BackendUnavailable
from dueline.rate_limiter.interface import Taken
from dueline.rate_limiter.tokens import taken

ANSWER_SECONDS = 0.1  # a request waits no longer to learn that it is let through
# After a failure nothing is asked for so long: a Redis that is silent must not slow each request.
SPARED_SECONDS = 5.0


class RedisRateLimiter:
    """See RateLimiter."""

    def __init__(self, url: str) -> None:
        self._redis = redis.Redis.from_url(
            url,
            protocol=2,
            decode_responses=True,
            client_name="dueline",
            socket_connect_timeout=ANSWER_SECONDS,
            socket_timeout=ANSWER_SECONDS,
            health_check_interval=30,
            retry=Retry(NoBackoff(), 0),  # a token must not be taken twice
        )
        text = files("dueline.rate_limiter").joinpath("lua", "take.lua").read_text()
        self._take = self._redis.register_script(text)
        self._spared_until = 0.0

    def take(self, name: str, *, rate: float, burst: int) -> Taken:
        if time.monotonic() < self._spared_until:
            raise BackendUnavailable("redis", "it did not answer a moment ago")
        try:
            admitted, tokens = self._take(keys=[f"{{dueline}}:rate:{name}"], args=[rate, burst])
        except redis.RedisError as error:
            self._spared_until = time.monotonic() + SPARED_SECONDS
            raise BackendUnavailable("redis", str(error)) from error
        return taken(float(tokens), admitted=bool(admitted), rate=rate, burst=burst)

    def close(self) -> None:
        """Let go of connections. Later calls connect again."""
        self._redis.close()
