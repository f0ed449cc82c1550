"""What is asked of the rate limiter."""

from datetime import timedelta
from typing import NamedTuple, Protocol


class Taken(NamedTuple):
    """The answer to one request."""

    admitted: bool
    remaining: int  # requests that would be let through at once
    next_in: timedelta  # until one more would be; zero if one would now
    full_in: timedelta  # until the bucket is full again


class RateLimiter(Protocol):
    """One bucket for each name. It leaks nothing and is lost with Redis, which then lets through.

    Raises BackendUnavailable("redis") when the server did not answer; the request is let through.
    """

    def take(self, name: str, *, rate: float, burst: int) -> Taken:
        """Take a token from the bucket of that name, which holds `burst` and gets `rate` of them
        per second; where there is none nothing is taken."""
