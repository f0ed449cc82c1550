"""What a key is, what is kept of it, and what opens with it."""

import re
from dataclasses import replace
from datetime import datetime
from hashlib import sha256

import pytest

from dueline.domain.api_keys import ApiKey, new_key, read_key, why_refused
from dueline.domain.callers import Caller, Scope, holds
from tests.factories import MINUTE, NOON

TEXT, (ID, DIGEST) = new_key()
KEY = ApiKey(
    id=ID,
    tenant="acme",
    name="billing",
    digest=DIGEST,
    scopes=frozenset({Scope.TASKS_READ}),
    created_at=NOON,
)


def test_a_key_has_a_prefix_an_id_and_256_secret_bits() -> None:
    assert re.fullmatch(r"dl_[a-z2-7]{12}_[A-Za-z0-9_-]{43}", TEXT)


def test_no_two_keys_are_the_same() -> None:
    assert len({new_key().text for _ in range(100)}) == 100


def test_a_key_that_was_made_can_be_read() -> None:
    assert read_key(TEXT) == (ID, sha256(TEXT[16:].encode()).digest()) == (ID, DIGEST)


@pytest.mark.parametrize(
    "text",
    ["", "dl_", "secret", TEXT[:-1], f"{TEXT}x", f"{TEXT}\n", TEXT.upper(), f" {TEXT}", TEXT[3:]],
)
def test_what_cannot_be_a_key_is_none(text: str) -> None:
    assert read_key(text) is None


def test_the_digest_is_not_shown() -> None:
    assert str(DIGEST) not in repr(KEY)


@pytest.mark.parametrize(
    ("key", "now", "why"),
    [
        (KEY, NOON, None),
        (None, NOON, "There is no such key."),
        (replace(KEY, digest=sha256(b"").digest()), NOON, "There is no such key."),
        (replace(KEY, revoked_at=NOON), NOON, "This key was revoked."),
        (replace(KEY, expires_at=NOON + MINUTE), NOON, None),
        (replace(KEY, expires_at=NOON), NOON, "This key has expired."),
    ],
)
def test_a_key_opens_until_it_is_revoked_or_expires(
    key: ApiKey | None, now: datetime, why: str | None
) -> None:
    assert why_refused(key, DIGEST, now) == why


def test_only_its_holder_is_told_that_a_key_was_revoked() -> None:
    revoked = replace(KEY, revoked_at=NOON)

    assert why_refused(revoked, sha256(b"guessed").digest(), NOON) == "There is no such key."


@pytest.mark.parametrize(
    ("scopes", "wanted", "held"),
    [
        ({"tasks:read"}, "tasks:read", True),
        ({"tasks:read"}, "tasks:write", False),
        ({"tasks:write"}, "tasks:read", False),
        ({"tasks:*"}, "tasks:write", True),
        ({"schedules:*"}, "tasks:read", False),
        ({"schedules:*", "tasks:read"}, "tasks:read", True),
        ({"tasks:*", "schedules:*"}, "admin", False),
        ({"admin"}, "tasks:write", True),
        ({"admin"}, "admin", True),
        (set(), "tasks:read", False),
    ],
)
def test_a_scope_is_held_itself_or_by_one_that_covers_it(
    scopes: set[str], wanted: str, *, held: bool
) -> None:
    assert holds(scopes, wanted) is held


def test_a_caller_whom_nobody_has_made_out_may_do_nothing() -> None:
    assert not [scope for scope in Scope if Caller().may(scope)]


def test_a_key_for_some_types_touches_no_others() -> None:
    caller = replace(KEY, types=frozenset({"email"})).caller

    assert caller.may_touch("email")
    assert not caller.may_touch("report")
    assert KEY.caller.may_touch("report")
