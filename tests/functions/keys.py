"""Keys for the tests of function `schedule`."""

from typing import Any

from dueline.domain.api_keys import ApiKey, new_key
from dueline.domain.callers import Scope
from dueline.key_store.memory import MemoryKeyStore
from tests.functions.memory_services import NOON

NOBODY = "01900000-0000-7000-8000-000000000000"


def given_key(store: MemoryKeyStore, *scopes: str, **overrides: Any) -> str:
    """A new key that is in the store, as its holder sends it; without a scope, for everything."""
    text, presented = new_key()
    values: dict[str, Any] = {
        "id": presented.id,
        "tenant": "acme",
        "name": "test",
        "digest": presented.digest,
        "scopes": frozenset(scopes or {Scope.ADMIN}),
        "created_at": NOON,
    }
    store.add(ApiKey(**{**values, **overrides}))
    return text


def bearer(key: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {key}"}


def path_parameters(path: str) -> dict[str, str]:
    """A value for every parameter of a route's path: nobody's id."""
    return {part[1:-1]: NOBODY for part in path.split("/") if part.startswith("{")}
