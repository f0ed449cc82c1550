"""A key store that remembers for a moment, so that a request costs no question of its own."""

from datetime import datetime, timedelta
from typing import NamedTuple

from dueline.domain.api_keys import ApiKey, Presented
from dueline.key_store.interface import Recognising

KEPT_FOR = timedelta(seconds=30)  # so long a process goes on with a key that was revoked
MOST_KEPT = 1_000


class _Known(NamedTuple):
    key: ApiKey
    read_at: datetime


class CachedKeys:
    """Recognising, over another. Ids that do not exist are not remembered: any number of them can
    be made up."""

    def __init__(self, store: Recognising) -> None:
        self._store = store
        self._known: dict[str, _Known] = {}

    def use(self, presented: Presented, *, now: datetime) -> ApiKey | None:
        known = self._known.get(presented.id)
        if known and timedelta(0) <= now - known.read_at < KEPT_FOR:
            return known.key
        key = self._store.use(presented, now=now)
        if len(self._known) >= MOST_KEPT:
            self._known.clear()
        if key:
            self._known[presented.id] = _Known(key, now)
        return key
