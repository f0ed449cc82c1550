"""dueline keys, as an operator runs it."""

import re
from collections.abc import Mapping

import pytest

from dueline.domain.api_keys import new_key, read_key, why_refused
from dueline.key_store.postgres import PostgresKeyStore
from dueline.task_store.connection import Connection
from tests.packaging.conftest import dueline, dueline_run

pytestmark = pytest.mark.postgres


def test_a_key_is_shown_once_listed_and_revoked(environment: Mapping[str, str]) -> None:
    made = dueline_run(
        *("keys", "create", "billing", "--tenant", "acme", "--scope", "tasks:write"),
        *("--scope", "tasks:read", "--type", "email", "--expires", "P90D"),
        environment=environment,
    )

    key = made.stdout.strip()
    presented = read_key(key)
    assert presented, made.stderr
    connection = Connection(environment["DUELINE_POSTGRES_URL"])
    store = PostgresKeyStore(connection)
    [kept] = [each for each in store.keys(tenant="acme") if each.id == presented.id]
    assert kept.name == "billing"
    assert kept.scopes == frozenset({"tasks:read", "tasks:write"})
    assert kept.types == frozenset({"email"})
    assert kept.expires_at
    assert (kept.expires_at - kept.created_at).days in {89, 90}
    assert why_refused(kept, presented.digest, kept.created_at) is None

    listed = dueline("keys", "list", "--tenant", "acme", environment=environment)
    assert re.search(
        rf"^{kept.id} +acme +billing +tasks:read tasks:write +email .* expires ", listed, re.M
    )
    assert key[16:] not in listed + made.stderr
    assert kept.id not in dueline("keys", "list", "--tenant", "other", environment=environment)

    said = dueline("keys", "revoke", kept.id, environment=environment)
    assert said.startswith(f"key {kept.id} (billing) is revoked since ")
    assert "revoked" in dueline("keys", "list", environment=environment)
    connection.close()


def test_an_id_that_no_key_has_is_told_apart(environment: Mapping[str, str]) -> None:
    done = dueline_run("keys", "revoke", new_key().presented.id, environment=environment)

    assert (done.returncode, done.stdout) == (3, "")
    assert "no key has the id" in done.stderr


@pytest.mark.parametrize(
    "words",
    [
        ("create", "x"),
        ("create", "x", "--scope", "tasks"),
        ("create", "x", "--scope", "admin", "--tenant", "Acme Inc."),
        ("create", "x", "--scope", "admin", "--type", "e mail"),
        ("create", "x", "--scope", "admin", "--expires", "P1M"),
        ("create", "x", "--scope", "admin", "--expires", "soon"),
    ],
    ids=" ".join,
)
def test_what_cannot_be_meant_makes_no_key(
    environment: Mapping[str, str], words: tuple[str, ...]
) -> None:
    before = dueline("keys", "list", environment=environment)

    done = dueline_run("keys", *words, environment=environment)

    assert (done.returncode, done.stdout) == (2, "")
    assert dueline("keys", "list", environment=environment) == before
