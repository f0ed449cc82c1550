"""When a failed attempt is tried again."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Backoff(StrEnum):
    """How the delay grows from one attempt to the next."""

    EXPONENTIAL = "exponential"  # base, 2 base, 4 base, ...
    LINEAR = "linear"  # base, 2 base, 3 base, ...
    FIXED = "fixed"  # base, base, base, ...


@dataclass(frozen=True, slots=True, kw_only=True)
class RetryPolicy:
    """How often, and after which delays, a task is tried."""

    max_attempts: int = 5
    backoff: Backoff = Backoff.EXPONENTIAL
    base: timedelta = timedelta(seconds=2)
    cap: timedelta = timedelta(minutes=10)
    jitter: bool = True  # full jitter: a random part of the delay, so that herds spread
    max_age: timedelta | None = None  # no new attempt later than this after execute_at


def next_attempt_at(
    policy: RetryPolicy,
    *,
    attempt: int,
    now: datetime,
    execute_at: datetime,
    chance: float,
    after: timedelta | None = None,
) -> datetime | None:
    """When to try again after failed attempt `attempt` (1 is the first); None to give up.

    `chance`, in [0, 1), is the jitter's random number. `after` is a delay that the handler
    asked for; it takes the place of the backoff but not of the limits.
    """
    if attempt >= policy.max_attempts:
        return None
    delay = after if after is not None else _delay(policy, attempt, chance)
    at = now + delay
    if policy.max_age is not None and at > execute_at + policy.max_age:
        return None
    return at


def _delay(policy: RetryPolicy, attempt: int, chance: float) -> timedelta:
    grown = policy.cap
    match policy.backoff:
        case Backoff.EXPONENTIAL:
            doublings = min(attempt - 1, 30)  # past this the cap decides, and timedelta overflows
            grown = policy.base * (1 << doublings)
        case Backoff.LINEAR:
            grown = policy.base * attempt
        case Backoff.FIXED:
            grown = policy.base
    delay = min(grown, policy.cap)
    return delay * chance if policy.jitter else delay
