"""API keys: what is written, what is kept, and when one is refused.

A key reads `dl_<id>_<secret>`. The id (60 random bits) finds its row; the secret (256 random
bits) proves it. Only the secret's SHA-256 is kept: a fast hash is right for a secret that cannot
be guessed. The prefix lets scanners of repositories know a key when they see one.
"""

import hmac
import os
import re
from base64 import b32encode, urlsafe_b64encode
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from typing import NamedTuple

from dueline.domain.callers import Caller
from dueline.domain.limits import Limits

PREFIX = "dl"
_KEY = re.compile(rf"{PREFIX}_([a-z2-7]{{12}})_([A-Za-z0-9_-]{{43}})", re.ASCII)


class Presented(NamedTuple):
    """What a caller's key says."""

    id: str
    digest: bytes  # of its secret


class NewKey(NamedTuple):
    """A key that nobody has yet."""

    text: str  # what its holder is given; to be kept nowhere
    presented: Presented


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiKey:
    """A row of table `api_keys`."""

    id: str
    tenant: str
    name: str  # for people: who or what uses it
    digest: bytes = field(repr=False)  # SHA-256 of the secret
    scopes: frozenset[str]
    types: frozenset[str] | None = None  # the only task types that it opens; None: all
    created_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    last_used_at: datetime | None = None  # to the minute
    limits: Limits = field(default_factory=Limits)  # of its tenant, from table `tenants`

    @property
    def caller(self) -> Caller:
        return Caller(tenant=self.tenant, scopes=self.scopes, types=self.types, limits=self.limits)


def new_key() -> NewKey:
    """Make a key from the system's source of secrets."""
    random = os.urandom(40)
    id_ = b32encode(random[:8]).decode().lower()[:12]
    secret = urlsafe_b64encode(random[8:]).decode().rstrip("=")
    return NewKey(f"{PREFIX}_{id_}_{secret}", Presented(id_, _digest(secret)))


def read_key(text: str) -> Presented | None:
    """The id and the secret's digest; None for what cannot be a key."""
    if not (parts := _KEY.fullmatch(text)):
        return None
    return Presented(parts[1], _digest(parts[2]))


def why_refused(key: ApiKey | None, digest: bytes, now: datetime) -> str | None:
    """Why a key does not open anything, as a sentence; None if it does.

    That it was revoked or has expired is told to its holder alone. The comparison takes the same
    time wherever the digests differ.
    """
    if key is None or not hmac.compare_digest(key.digest, digest):
        return "There is no such key."
    if key.revoked_at is not None:
        return "This key was revoked."
    if key.expires_at is not None and key.expires_at <= now:
        return "This key has expired."
    return None


def _digest(secret: str) -> bytes:
    return sha256(secret.encode()).digest()
