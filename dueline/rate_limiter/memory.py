"""The rate limiter in this process: for tests."""

from collections.abc import Callable
from datetime import datetime

from dueline.rate_limiter.interface import Taken
from dueline.rate_limiter.tokens import taken


class MemoryRateLimiter:
    """`now` is its clock, which is Redis' own elsewhere."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._buckets: dict[str, tuple[float, datetime]] = {}

    def take(self, name: str, *, rate: float, burst: int) -> Taken:
        now = self._now()
        tokens, at = self._buckets.get(name, (burst, now))
        tokens = min(burst, tokens + (now - at).total_seconds() * rate)
        admitted = tokens >= 1
        tokens -= admitted
        self._buckets[name] = (tokens, now)
        return taken(tokens, admitted=admitted, rate=rate, burst=burst)
