"""How much of a tenant is let through: requests per second, and tasks that wait."""

import logging
from collections.abc import Mapping
from math import ceil

from dueline.domain.callers import Caller
from dueline.domain.errors import BackendUnavailable, DuelineError
from dueline.domain.limits import Limits
from dueline.http_api.services import Services
from dueline.rate_limiter.interface import Taken

log = logging.getLogger(__name__)

# Nobody knows when tasks will have ended; by then some have.
QUOTA_RETRY_SECONDS = 10
RATE_HEADERS = ("RateLimit-Policy", "RateLimit")


class TooMuch(DuelineError):
    """RATE_LIMITED or QUOTA_EXCEEDED (429); the request changed nothing."""

    def __init__(self, code: str, detail: str, headers: Mapping[str, str]) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.headers = headers


def check_rate(caller: Caller, services: Services) -> Mapping[str, str]:
    """Headers that tell the caller what is left of their rate. Raises TooMuch.

    The headers are those of draft-ietf-httpapi-ratelimit-headers-10: q requests in w seconds, r of
    them left, t seconds until all are. Redis down lets everything through, and says nothing.
    """
    limits = _limits(caller, services)
    if not limits.rate:
        return {}
    try:
        taken = services.rate_limiter().take(caller.tenant, rate=limits.rate, burst=limits.bucket)
    except BackendUnavailable as error:
        log.warning("rate is not limited: %s", error, extra={"event": "rate_unlimited"})
        return {}
    headers = _headers(limits, taken)
    if not taken.admitted:
        seconds = max(1, ceil(taken.next_in.total_seconds()))
        raise TooMuch(
            "RATE_LIMITED",
            f"Tenant {caller.tenant} may send {limits.rate:g} requests per second, and "
            f"{limits.bucket} at once; try again in {seconds} s.",
            {**headers, "Retry-After": str(seconds)},
        )
    return headers


def check_quota(caller: Caller, services: Services, *, new: int) -> None:
    """Raise TooMuch if so many new tasks would make more that wait than the tenant may have.

    Two requests at once may each find room for themselves: the quota is kept to within what is
    under way.
    """
    most = _limits(caller, services).most_waiting
    if not most:
        return
    waiting = services.stats_store().waiting(caller.tenant)
    if waiting + new > most:
        raise TooMuch(
            "QUOTA_EXCEEDED",
            f"Tenant {caller.tenant} has {waiting} tasks that have not ended, and may have {most}; "
            f"{new} more are too many.",
            {"Retry-After": str(QUOTA_RETRY_SECONDS)},
        )


def _limits(caller: Caller, services: Services) -> Limits:
    return caller.limits.over(services.settings().limits)


def _headers(limits: Limits, taken: Taken) -> dict[str, str]:
    window = ceil(limits.bucket / (limits.rate or 1))
    reset = ceil(taken.full_in.total_seconds())
    policy = f'"default";q={limits.bucket};w={window}'
    left = f'"default";r={taken.remaining};t={reset}'
    return dict(zip(RATE_HEADERS, (policy, left), strict=True))
