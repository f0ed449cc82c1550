"""What a number of tokens means. Pure."""

from datetime import timedelta

from dueline.rate_limiter.interface import Taken


def taken(tokens: float, *, admitted: bool, rate: float, burst: int) -> Taken:
    """The answer where so many tokens are left."""
    return Taken(
        admitted=admitted,
        remaining=int(tokens),
        next_in=timedelta(seconds=max(0.0, 1 - tokens) / rate),
        full_in=timedelta(seconds=max(0.0, burst - tokens) / rate),
    )
