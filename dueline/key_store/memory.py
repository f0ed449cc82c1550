"""The key store in memory: the same promises, judged by the same tests, gone with the process."""

import threading
from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from dueline.domain.api_keys import ApiKey, Presented, why_refused
from dueline.domain.limits import Limits

NOTED_EVERY = timedelta(minutes=1)


class MemoryKeyStore:
    """Threads may share it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._keys: dict[str, ApiKey] = {}
        self._limits: dict[str, Limits] = {}

    def add(self, key: ApiKey) -> None:
        with self._lock:
            self._keys.setdefault(key.id, key)

    def use(self, presented: Presented, *, now: datetime) -> ApiKey | None:
        with self._lock:
            key = self._found(presented.id)
            if key is None or why_refused(key, presented.digest, now):
                return key
            if key.last_used_at is None or key.last_used_at <= now - NOTED_EVERY:
                self._keys[key.id] = replace(key, last_used_at=now)
            return key

    def keys(self, *, tenant: str | None) -> list[ApiKey]:
        with self._lock:
            every = [key for id_ in self._keys if (key := self._found(id_))]
        found = [key for key in every if tenant in {None, key.tenant}]
        return sorted(found, key=lambda key: (key.tenant, key.created_at, key.id))

    def limit(self, tenant: str, limits: Limits) -> None:
        with self._lock:
            self._limits[tenant] = limits

    def limits(self) -> Mapping[str, Limits]:
        with self._lock:
            return dict(sorted(self._limits.items()))

    def revoke(self, key_id: str, *, now: datetime) -> ApiKey | None:
        with self._lock:
            if key := self._found(key_id):
                self._keys[key_id] = key = replace(key, revoked_at=key.revoked_at or now)
            return key

    def _found(self, key_id: str) -> ApiKey | None:
        """The key, with the limits of its tenant."""
        if (key := self._keys.get(key_id)) is None:
            return None
        return replace(key, limits=self._limits.get(key.tenant, Limits()))
