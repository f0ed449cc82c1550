"""What every key store promises."""

import os
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from dueline.domain.api_keys import ApiKey, Presented, new_key
from dueline.domain.callers import Scope
from dueline.domain.limits import Limits
from dueline.key_store.cached import KEPT_FOR, MOST_KEPT, CachedKeys
from dueline.key_store.interface import KeyStore
from dueline.key_store.memory import MemoryKeyStore
from dueline.key_store.postgres import PostgresKeyStore
from dueline.task_store.connection import Connection, open_connection
from dueline.task_store.postgres_url import PostgresUrl
from dueline.task_store.sql_files import read_sql, sql_names
from tests.conformance.task_store_fixtures import run_sql
from tests.factories import MINUTE, NOON, SECOND


@pytest.fixture(
    params=[
        "memory",
        pytest.param("postgres", marks=pytest.mark.postgres),
        pytest.param("postgres_pooled", marks=pytest.mark.postgres),
    ]
)
def store(request: pytest.FixtureRequest) -> Iterator[KeyStore]:
    if request.param == "memory":
        yield MemoryKeyStore()
        return
    url = request.getfixturevalue("postgres_url")
    run_sql(url, "TRUNCATE api_keys, tenants")
    with ExitStack() as stack:
        pooled = "?pooled=true" if request.param == "postgres_pooled" else ""
        connection = Connection(f"{url}{pooled}")
        stack.callback(connection.close)
        yield PostgresKeyStore(connection)


def added(store: KeyStore, **overrides: Any) -> tuple[ApiKey, Presented]:
    """A new key that is in the store, and what its holder presents."""
    _, presented = new_key()
    values: dict[str, Any] = {
        "id": presented.id,
        "tenant": "acme",
        "name": 'the "billing" service\\ä',
        "digest": presented.digest,
        "scopes": frozenset({Scope.TASKS_READ, Scope.SCHEDULES}),
        "created_at": NOON,
    }
    key = ApiKey(**{**values, **overrides})
    store.add(key)
    return key, presented


def test_a_key_that_was_added_is_found_as_it_was(store: KeyStore) -> None:
    plain, presented = added(store)
    full, presented_full = added(store, types=frozenset({"email", "a.b"}), expires_at=NOON + MINUTE)

    assert store.use(presented, now=NOON) == plain
    assert store.use(presented_full, now=NOON) == full


def test_an_id_that_is_there_already_is_left_alone(store: KeyStore) -> None:
    key, presented = added(store)

    store.add(replace(key, tenant="another", digest=os.urandom(32)))

    assert store.use(presented, now=NOON) == key


def test_an_id_that_no_key_has_is_none(store: KeyStore) -> None:
    added(store)

    assert store.use(new_key().presented, now=NOON) is None


def last_used(store: KeyStore, presented: Presented) -> Any:
    [used] = [key.last_used_at for key in store.keys(tenant=None) if key.id == presented.id]
    return used


def test_the_last_use_is_noted_at_most_once_a_minute(store: KeyStore) -> None:
    _, presented = added(store)

    store.use(presented, now=NOON)
    store.use(presented, now=NOON + MINUTE - SECOND)
    assert last_used(store, presented) == NOON

    store.use(presented, now=NOON + MINUTE)
    assert last_used(store, presented) == NOON + MINUTE


def test_a_use_that_opens_nothing_is_not_noted(store: KeyStore) -> None:
    _, expired = added(store, expires_at=NOON)
    _, revoked = added(store)
    _, guessed = added(store)
    store.revoke(revoked.id, now=NOON)

    store.use(expired, now=NOON)
    store.use(revoked, now=NOON)
    store.use(Presented(guessed.id, os.urandom(32)), now=NOON)

    assert {key.last_used_at for key in store.keys(tenant=None)} == {None}


def test_keys_are_listed_by_tenant_and_age(store: KeyStore) -> None:
    late, _ = added(store, created_at=NOON + SECOND)
    early, _ = added(store)
    other, _ = added(store, tenant="zebra", created_at=NOON - SECOND)

    assert store.keys(tenant=None) == [early, late, other]
    assert store.keys(tenant="acme") == [early, late]
    assert store.keys(tenant="nobody") == []


def test_the_first_revocation_stays(store: KeyStore) -> None:
    key, presented = added(store)
    revoked = replace(key, revoked_at=NOON)

    assert store.revoke(key.id, now=NOON) == revoked
    assert store.revoke(key.id, now=NOON + MINUTE) == revoked
    assert store.use(presented, now=NOON) == revoked
    assert store.revoke("nobody", now=NOON) is None


def test_the_limits_of_every_tenant_that_has_some_are_listed_as_they_were_last_said(
    store: KeyStore,
) -> None:
    _, presented = added(store)
    assert store.limits() == {}

    store.limit("zebra", Limits(rate=0, burst=7))
    store.limit("acme", Limits(rate=500, burst=1_000, most_waiting=5_000_000))
    store.limit("acme", Limits(rate=0.5, most_waiting=0))

    acme, zebra = Limits(rate=0.5, most_waiting=0), Limits(rate=0, burst=7)
    assert list(store.limits().items()) == [("acme", acme), ("zebra", zebra)]
    key = store.use(presented, now=NOON)
    assert key is not None
    assert key.limits == acme


def test_a_cached_key_is_asked_for_again_after_its_time(store: KeyStore) -> None:
    cached = CachedKeys(store)
    key, presented = added(store)
    cached.use(presented, now=NOON)

    store.revoke(key.id, now=NOON)

    before = cached.use(presented, now=NOON + KEPT_FOR - timedelta(microseconds=1))
    after = cached.use(presented, now=NOON + KEPT_FOR)
    assert before == key
    assert after is not None
    assert after.revoked_at == NOON


def test_a_key_that_was_asked_for_too_early_works_as_soon_as_it_is_there(store: KeyStore) -> None:
    cached = CachedKeys(store)
    _, presented = new_key()
    assert cached.use(presented, now=NOON) is None

    key, _ = added(store, id=presented.id, digest=presented.digest)

    assert cached.use(presented, now=NOON) == key


def test_the_cache_is_bounded() -> None:
    store = MemoryKeyStore()
    cached = CachedKeys(store)
    holders = [added(store)[1] for _ in range(MOST_KEPT + 1)]

    for presented in holders:
        cached.use(presented, now=NOON)
    store.revoke(holders[0].id, now=NOON)

    again = cached.use(holders[0], now=NOON)
    assert again is not None
    assert again.revoked_at == NOON  # it was forgotten, and asked for anew


@pytest.mark.postgres
@pytest.mark.parametrize("name", sql_names("key_store"))
def test_every_statement_can_be_prepared(postgres_url: str, name: str) -> None:
    connection = open_connection(PostgresUrl.parse(postgres_url))

    prepared = connection.prepare(read_sql(name))

    prepared.close()
    connection.close()
