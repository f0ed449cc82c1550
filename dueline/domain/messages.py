"""The message in a lane's work queue: ids that are due now, nothing else.

    {"v":1,"tasks":[["<task id>",<fence>],...]}

A message is a hint, not a command. It may be lost, repeated, late or forged: the claim in
PostgreSQL decides. It carries no payload, no code and no class name.
"""

import json
import re
from collections.abc import Iterator, Sequence

from dueline.domain.errors import BadMessage
from dueline.domain.tasks import TaskRef

MESSAGE_VERSION = 1
MOST_IDS = 1_000  # more than any page that tick makes: a bound for what a stranger may send
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_MOST_FENCE = 2**63 - 1  # bigint


def encode_message(refs: Sequence[TaskRef]) -> bytes:
    return json.dumps({"v": MESSAGE_VERSION, "tasks": refs}, separators=(",", ":")).encode()


def decode_message(body: bytes) -> list[TaskRef]:
    """Read a message strictly. Raises BadMessage for anything that tick would not have written."""
    try:
        message = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise BadMessage(f"not JSON: {error}") from error
    match message:
        case {"v": int(version), **rest} if version != MESSAGE_VERSION:
            raise BadMessage(f"version {version} is not {MESSAGE_VERSION}")
        case {"v": 1, "tasks": list(pairs), **rest} if not rest and 0 < len(pairs) <= MOST_IDS:
            return [_ref(pair) for pair in pairs]
    raise BadMessage('want {"v":1,"tasks":[["<task id>",<fence>],...]}')


def _ref(pair: object) -> TaskRef:
    match pair:
        case [str(id_), int(fence)] if (
            type(fence) is int and 0 <= fence <= _MOST_FENCE and _UUID.fullmatch(id_)
        ):
            return TaskRef(id_, fence)
    raise BadMessage(f"not a task id and a fence: {str(pair)[:100]}")


def pages(refs: Sequence[TaskRef], *, most: int) -> Iterator[Sequence[TaskRef]]:
    """Cut what is due into messages: small ones while little is due, `most` ids each in a burst.

    A lane's consumer takes one batch of messages at a time, so a quarter of what is due per
    message keeps its batches even without paying the broker for each id.
    """
    size = max(1, min(most, len(refs) // 4))
    for start in range(0, len(refs), size):
        yield refs[start : start + size]
