"""Who sent a request, and whether they may: setting DUELINE_ACCESS (docs/access.md)."""

import re
from collections.abc import Mapping
from typing import Any

from dueline.clock import SYNC_EVERY
from dueline.domain.api_keys import read_key, why_refused
from dueline.domain.callers import Access, Caller, Scope
from dueline.domain.errors import DuelineError
from dueline.http_api.exchange import Request
from dueline.http_api.services import Services

_ANYTHING = frozenset({Scope.ADMIN})
_ASSUMED_ROLE = re.compile(r"arn:(aws[a-z-]*):sts::(\d+):assumed-role/([^/]+)/.*")


class AccessRefused(DuelineError):
    """The request is not answered: UNAUTHENTICATED (401) or FORBIDDEN (403).

    `challenge` is the header WWW-Authenticate (RFC 9110 §11.6.1, RFC 6750 §3).
    """

    def __init__(self, code: str, detail: str, challenge: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail
        self.challenge = challenge


def admitted(request: Request, scope: str, services: Services) -> Caller:
    """The caller, if they hold the scope. Raises AccessRefused, BackendUnavailable."""
    match services.settings().access:
        case Access.OPEN:
            return Caller(scopes=_ANYTHING)
        case Access.IAM:
            # What they may do is in their IAM policies: execute-api:Invoke on method and path.
            tenant = _tenant_of(request.identity, services.settings().iam_tenants)
            return Caller(tenant=tenant, scopes=_ANYTHING)
        case Access.KEYS:
            caller = _holder(request, services)
    demand(caller, scope)
    return caller


def demand(caller: Caller, scope: str) -> None:
    """Raise AccessRefused (FORBIDDEN) if the caller does not hold the scope."""
    if not caller.may(scope):
        raise AccessRefused(
            "FORBIDDEN",
            f"This asks for scope {scope}; the key has {', '.join(sorted(caller.scopes))}.",
            f'Bearer realm="dueline", error="insufficient_scope", scope="{scope}"',
        )


def _holder(request: Request, services: Services) -> Caller:
    if (text := _sent_key(request.headers)) is None:
        raise AccessRefused(
            "UNAUTHENTICATED",
            "Send a key: Authorization: Bearer dl_… (`dueline keys create` makes one).",
            'Bearer realm="dueline"',
        )
    why: str | None = "This is not the form of a key: dl_<id>_<secret>."
    if presented := read_key(text):
        clock = services.clock()
        clock.sync(older_than=SYNC_EVERY)
        now = clock.now()
        key = services.keys().use(presented, now=now)
        why = why_refused(key, presented.digest, now)
        if key and not why:
            return key.caller
    raise AccessRefused(
        "UNAUTHENTICATED", str(why), 'Bearer realm="dueline", error="invalid_token"'
    )


def _sent_key(headers: Mapping[str, str]) -> str | None:
    """From Authorization, or, where that is taken (a signature of AWS), from X-API-Key."""
    scheme, _, credentials = headers.get("authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        return credentials.strip()
    return headers.get("x-api-key", "").strip() or None


def _tenant_of(identity: Mapping[str, Any], tenants: Mapping[str, str]) -> str:
    """The tenant of the one whose signature API Gateway has checked.

    DUELINE_IAM_TENANTS names principals: the ARN of a user or role, else the number of an
    account, else * for all others. Without it everyone that IAM lets in is tenant `default`.
    """
    if not (arn := identity.get("userArn")):
        raise AccessRefused(
            "UNAUTHENTICATED",
            "API Gateway names nobody: the method needs the authorizer AWS_IAM.",
            "AWS4-HMAC-SHA256",
        )
    principal = _ASSUMED_ROLE.sub(r"arn:\1:iam::\2:role/\3", arn)
    for known in (principal, str(identity.get("accountId")), "*"):
        if known in tenants:
            return tenants[known]
    raise AccessRefused(
        "FORBIDDEN", f"DUELINE_IAM_TENANTS has no tenant for {principal}.", "AWS4-HMAC-SHA256"
    )
