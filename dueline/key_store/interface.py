"""What is asked of the key store.

Every method is one statement. `now` is the database's time (clock.py). Methods raise
BackendUnavailable("postgres") when the server did not answer.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Protocol

from dueline.domain.api_keys import ApiKey, Presented
from dueline.domain.limits import Limits


class Recognising(Protocol):
    """For function `schedule`."""

    def use(self, presented: Presented, *, now: datetime) -> ApiKey | None:
        """The key of this id, whatever it is worth (api_keys.why_refused says); None: no such id.

        If it is worth something and the digest is its own, the use is noted in `last_used_at`,
        at most once a minute.
        """


class KeyStore(Recognising, Protocol):
    """All of it, as the adapters implement it; what is beyond `use` is for the command line."""

    def add(self, key: ApiKey) -> None:
        """Keep a new key. Safe to repeat: an id that is there already is left alone."""

    def keys(self, *, tenant: str | None) -> list[ApiKey]:
        """Every key of the tenant, or of all tenants, by tenant and age; revoked ones too."""

    def limit(self, tenant: str, limits: Limits) -> None:
        """What the tenant may ask for, with any of its keys, from now on."""

    def limits(self) -> Mapping[str, Limits]:
        """What `limit` last said of each tenant, by tenant; nothing of those it never named."""

    def revoke(self, key_id: str, *, now: datetime) -> ApiKey | None:
        """The key as it is after it; None: no such key. The first revocation stays."""
