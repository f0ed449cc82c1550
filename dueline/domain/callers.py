"""Who asks, and what they may do."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum

from dueline.domain.limits import Limits
from dueline.domain.tasks import DEFAULT_TENANT

TENANT_PATTERN = r"[a-z0-9][a-z0-9_-]{0,62}"


class Access(StrEnum):
    """How the API knows who asks: setting DUELINE_ACCESS."""

    KEYS = "keys"  # each request brings a key of table `api_keys`
    IAM = "iam"  # API Gateway has checked a signature, and says whose it was
    OPEN = "open"  # nobody is asked: for a listener that only this machine reaches


class Scope(StrEnum):
    """What a route asks of its caller, and a key holds."""

    TASKS_READ = "tasks:read"
    TASKS_WRITE = "tasks:write"
    SCHEDULES_READ = "schedules:read"
    SCHEDULES_WRITE = "schedules:write"
    TASKS = "tasks:*"  # both of tasks
    SCHEDULES = "schedules:*"  # both of schedules
    ADMIN = "admin"  # all of them, and what concerns every tenant: /metrics


def holds(scopes: Iterable[str], wanted: str) -> bool:
    """Whether one of the scopes is the wanted one or covers it."""
    return not {wanted, f"{wanted.partition(':')[0]}:*", Scope.ADMIN}.isdisjoint(scopes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """One who sent a request: everything they see and change belongs to their tenant.

    The default may do nothing but what is open to everyone.
    """

    tenant: str = DEFAULT_TENANT
    scopes: frozenset[str] = frozenset()
    types: frozenset[str] | None = None  # the only task types that they may touch; None: all
    limits: Limits = field(default_factory=Limits)  # of the tenant, where it has its own

    def may(self, scope: str) -> bool:
        return holds(self.scopes, scope)

    def may_touch(self, type_: str) -> bool:
        """Whether tasks of this type are theirs to see and change."""
        return self.types is None or type_ in self.types
