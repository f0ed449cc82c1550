"""Page tokens: where a list goes on, opaque to the caller.

A token holds the sort key of the last entry of a page, and a digest of the list with its filter:
with another filter it would lead somewhere else, so it is refused there. It is no secret, and
gives nobody anything: what a page shows is decided by the caller's tenant alone.
"""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from hashlib import blake2b
from typing import TypeVar

import msgspec

from dueline.domain.errors import InvalidRequest

Key = TypeVar("Key")


def page_token(listing: str, after: object) -> str:
    """The token of the page that begins behind the entry with the sort key `after`, a tuple.

    `listing` names the list and its filter, such as "schedules type=email".
    """
    token = msgspec.msgpack.encode((_digest(listing), after))
    return urlsafe_b64encode(token).decode().rstrip("=")


def read_page_token(token: str, listing: str, kind: type[Key]) -> Key:
    """The sort key, of `kind`: such as tuple[datetime, UUID]. Raises InvalidRequest for what
    page_token() did not make for this list and filter."""
    try:
        sent = urlsafe_b64decode((token + "=" * (-len(token) % 4)).encode())
        digest, after = msgspec.msgpack.decode(sent, type=tuple[bytes, msgspec.Raw])
        if digest != _digest(listing):
            raise _refused("This page token belongs to another list or another filter")
        return msgspec.msgpack.decode(after, type=kind)
    except (ValueError, msgspec.MsgspecError) as error:
        raise _refused("This is no page token") from error


def _digest(listing: str) -> bytes:
    return blake2b(listing.encode("utf-8", "surrogatepass"), digest_size=8).digest()


def _refused(what: str) -> InvalidRequest:
    return InvalidRequest(
        f"{what}. Send next_page_token of the page before, with the same filter.",
        code="INVALID_PAGE_TOKEN",
        pointer="/page_token",
    )
