"""Entity tags and preconditions (RFC 9110 §8.8.3, §13.1): whether what is changed is what was seen.

A tag is the revision of the definition in quotes. It is compared strongly: W/"3" matches nothing.
"""

import re

from dueline.domain.errors import InvalidRequest
from dueline.http_api.exchange import Request
from dueline.http_api.wording import shown

_TAG = re.compile(r'(?:W/)?"[^"]*"')


def etag(revision: int | str) -> str:
    return f'"{revision}"'


def is_conditional(request: Request) -> bool:
    """Whether the request is to be refused if what it changes has changed."""
    return "if-match" in request.headers


def is_known(request: Request, revision: int | str) -> bool:
    """Whether the caller has it already, by If-None-Match; then the answer is 304."""
    known = request.headers.get("if-none-match", "")
    tags = [tag.removeprefix("W/") for tag in _TAG.findall(known)]  # weak ones do (§13.1.2)
    return known.strip() == "*" or etag(revision) in tags


def check_preconditions(request: Request, revision: int | str | None) -> None:
    """Raise InvalidRequest (PRECONDITION_FAILED) unless If-Match and If-None-Match hold.

    `revision` is that of what is there now, None if there is nothing. A request without these
    headers passes. Of If-None-Match only `*` means something here: change nothing that exists.
    """
    wanted = request.headers.get("if-match")
    if wanted is not None and not _matches(wanted, revision):
        now = f"its ETag is {etag(revision)}" if revision is not None else "there is none"
        raise InvalidRequest(
            f"If-Match asks for {shown(wanted)[1:-1]}, but now {now}. Read it again, then decide.",
            code="PRECONDITION_FAILED",
        )
    if request.headers.get("if-none-match", "").strip() == "*" and revision is not None:
        raise InvalidRequest(
            f"If-None-Match: * asks that there be none, and there is, with ETag {etag(revision)}.",
            code="PRECONDITION_FAILED",
        )


def _matches(wanted: str, revision: int | str | None) -> bool:
    if revision is None:
        return False
    return wanted.strip() == "*" or etag(revision) in _TAG.findall(wanted)
