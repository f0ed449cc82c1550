"""Who asks, and what they may do."""

from dataclasses import dataclass

from dueline.domain.tasks import DEFAULT_TENANT


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """One who sent a request: everything they see and change belongs to their tenant."""

    tenant: str = DEFAULT_TENANT
