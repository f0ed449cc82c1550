"""http: POSTs the payload's `body` as JSON to its `url`.

For payloads that you trust: it connects to whatever the URL names, addresses of your own network
included, so do not let strangers choose the URL. Redirects are not followed.
"""

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import msgspec

from dueline.handler import JSON, Context, GiveUp, RetryLater, TaskView, handler
from handlers.payloads import read_payload
from handlers.retry_after import retry_after

if TYPE_CHECKING:
    import urllib3

LONGEST_SILENCE = timedelta(seconds=30)  # of a receiver, before the attempt counts as failed
KEPT_BYTES = 1024  # of the answer's body; the rest is not even read
PASSING = frozenset({408, 425, 429})  # the 4xx that say "not now" rather than "never"


class Post(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    url: str
    body: Any = None


@handler("http")
def post(task: TaskView, context: Context) -> JSON:
    import urllib3  # 100 ms with what it imports; only a process that posts should pay them

    request = read_payload(task, Post)
    receiver = _receiver(request.url)
    with (
        urllib3.PoolManager() as connections,
        connections.request(
            "POST",
            request.url,
            body=msgspec.json.encode(request.body),
            headers={
                "Content-Type": "application/json",
                "Idempotency-Key": task.id,
                "User-Agent": "dueline",
            },
            timeout=min(context.remaining(), LONGEST_SILENCE).total_seconds(),
            redirect=False,
            retries=False,  # another attempt is the task's affair, under its policy
            preload_content=False,
        ) as response,
    ):
        _raise_unless_ok(response, receiver)
        return {"status": response.status, "body": _beginning(response, context)}


def _receiver(url: str) -> str:
    """Scheme and host: what errors may show, since paths and queries often hold secrets."""
    from urllib3.exceptions import LocationParseError  # see post
    from urllib3.util import parse_url  # the parser that will choose the host, not another one

    try:
        parts = parse_url(url)
    except LocationParseError as error:
        raise GiveUp("url: cannot be read as a URL (RFC 3986)") from error
    if parts.scheme not in ("http", "https") or not parts.host or parts.auth:
        raise GiveUp("url: want http:// or https:// and a host, without user and password")
    return f"{parts.scheme}://{parts.netloc}"


def _raise_unless_ok(response: "urllib3.BaseHTTPResponse", receiver: str) -> None:
    """2xx is fine, 3xx and most 4xx are final, and the rest is worth a later attempt."""
    status = response.status
    said = f"{receiver} answered {status}"
    if 200 <= status < 300:
        return
    if 300 <= status < 400:
        raise GiveUp(f"{said}: redirects are not followed; put the final address into url")
    if 400 <= status < 500 and status not in PASSING:
        raise GiveUp(said)
    wait = retry_after(response.headers)
    if wait is not None:
        raise RetryLater(wait, f"{said} and asked for {wait} of patience")
    raise RuntimeError(said)


def _beginning(response: "urllib3.BaseHTTPResponse", context: Context) -> str:
    """The first KEPT_BYTES, or fewer from a receiver that drips them past the attempt's time."""
    kept = b""
    while len(kept) < KEPT_BYTES and context.remaining() > timedelta(0):
        part = response.read1(KEPT_BYTES - len(kept))
        if not part:
            break
        kept += part
    return kept.decode(errors="replace").replace("\x00", "\N{REPLACEMENT CHARACTER}")
