"""Requests that may be sent again, and are done once."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptAnswer:
    """What is answered to the request that uses an idempotency key first, and to its repetitions.

    `fingerprint` tells a repetition from another request under the same key.
    """

    fingerprint: str
    status: int
    body: str
    location: str | None = None
