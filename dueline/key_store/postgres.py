"""The key store on PostgreSQL. What each method promises is in interface.py."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from dueline.domain.api_keys import ApiKey, Presented
from dueline.domain.limits import Limits
from dueline.task_store import parameters, rows
from dueline.task_store.connection import Connection, Values


class PostgresKeyStore:
    """Over a connection that others may use too."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, key: ApiKey) -> None:
        values = {
            "id": key.id,
            "tenant": key.tenant,
            "name": key.name,
            "digest": f"\\x{key.digest.hex()}",
            "scopes": parameters.quoted_array(sorted(key.scopes)),
            "task_types": None if key.types is None else parameters.quoted_array(sorted(key.types)),
            "created_at": key.created_at.isoformat(),
            "expires_at": None if key.expires_at is None else key.expires_at.isoformat(),
        }
        self._connection.run("key_store/add", values)

    def use(self, presented: Presented, *, now: datetime) -> ApiKey | None:
        values = {
            "id": presented.id,
            "digest": f"\\x{presented.digest.hex()}",
            "now": now.isoformat(),
        }
        return _one(self._connection.run("key_store/use", values))

    def keys(self, *, tenant: str | None) -> list[ApiKey]:
        found = self._connection.run("key_store/keys", {"tenant": tenant})
        return [_api_key(row) for row in found]

    def limit(self, tenant: str, limits: Limits) -> None:
        values: Values = {
            "tenant": tenant,
            "rate": None if limits.rate is None else str(limits.rate),
            "burst": limits.burst,
            "most_waiting": limits.most_waiting,
        }
        self._connection.run("key_store/limit", values)

    def limits(self) -> Mapping[str, Limits]:
        found = self._connection.run("key_store/limits")
        return {tenant: _limits(*cells) for tenant, *cells in found}

    def revoke(self, key_id: str, *, now: datetime) -> ApiKey | None:
        values = {"id": key_id, "now": now.isoformat()}
        return _one(self._connection.run("key_store/revoke", values))


def _one(found: Sequence[Sequence[Any]]) -> ApiKey | None:
    return _api_key(found[0]) if found else None


def _api_key(cells: Sequence[Any]) -> ApiKey:
    """The columns of use.sql."""
    (
        id_, tenant, name, digest, scopes, types, created, expires, revoked, last_used,
        rate, burst, most_waiting,
    ) = cells  # fmt: skip
    return ApiKey(
        id=id_,
        tenant=tenant,
        name=name,
        digest=bytes.fromhex(digest),
        scopes=frozenset(json.loads(scopes)),
        types=frozenset(json.loads(types)) if types else None,
        created_at=rows.instant(created),
        expires_at=rows.instant_or_none(expires),
        revoked_at=rows.instant_or_none(revoked),
        last_used_at=rows.instant_or_none(last_used),
        limits=_limits(rate, burst, most_waiting),
    )


def _limits(rate: str | None, burst: str | None, most_waiting: str | None) -> Limits:
    return Limits(
        rate=float(rate) if rate else None,
        burst=int(burst) if burst else None,
        most_waiting=int(most_waiting) if most_waiting else None,
    )
