"""New tasks as the rows of a binary COPY (manual, COPY: Binary Format).

Each field is its length and the type's binary form; a NULL is the length -1. A jsonb is a version
byte and the text; a timestamptz the microseconds since 2000; an array its dimensions, its element
type, then the elements as fields.
"""

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from itertools import islice
from struct import Struct

from dueline.domain.retry import RetryPolicy
from dueline.domain.tasks import Task
from dueline.task_store.parameters import retry_json

CHUNK = 200  # rows sent at once: with many the server waits for the first, with few both work more

_HEADER = b"PGCOPY\n\xff\r\n\x00" + bytes(8)  # no flags, no extension
_TRAILER = b"\xff\xff"
_NULL = b"\xff\xff\xff\xff"
_EPOCH = datetime(2000, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_TEXT_OID = 25
_length = Struct("!i").pack
_columns_and_id = Struct("!hi16s").pack
_jsonb_header = Struct("!ib").pack
_smallint = Struct("!ih").pack
_timestamp = Struct("!iq").pack
_double = Struct("!id").pack
_array_header = Struct("!iiiii").pack


def chunks(tasks: Iterable[Task]) -> Iterator[bytes]:
    """The data of copy_new.sql. A task is asked for when its chunk is.

    Raises UnicodeEncodeError for half a surrogate pair.
    """
    yield _HEADER
    rows = _rows(tasks)
    while chunk := b"".join(islice(rows, CHUNK)):
        yield chunk
    yield _TRAILER


def _rows(tasks: Iterable[Task]) -> Iterator[bytes]:
    policy = None
    for task in tasks:
        # One policy serves all tasks of a type: most come after another with the same.
        if task.retry is not policy:
            policy, columns = task.retry, _policy(task.retry)
        yield _row(task, columns)


def _row(task: Task, policy: bytes) -> bytes:
    execute_at = _instant(task.execute_at)
    max_age = task.retry.max_age
    return b"".join(
        (
            _columns_and_id(17, 16, _uuid(task.id)),
            _name(task.tenant),
            _name(task.type),
            _name(task.queue),
            _jsonb(task.payload),
            execute_at,
            execute_at if task.due_at is task.execute_at else _instant(task.due_at),
            _creation(task.created_at),
            _texts(task.tags) if task.tags else _NULL,
            _NULL if task.schedule_id is None else _length(16) + _uuid(task.schedule_id),
            _NULL if task.occurrence_at is None else _instant(task.occurrence_at),
            _NULL if task.dedupe_key is None else _text(task.dedupe_key),
            policy,
            _NULL if max_age is None else _instant(task.execute_at + max_age),
            _NULL if task.timeout is None else _double(8, task.timeout.total_seconds()),
            _NULL if task.expires_at is None else _instant(task.expires_at),
        )
    )


def _policy(policy: RetryPolicy) -> bytes:
    """The columns max_attempts and retry."""
    rest = retry_json(policy)
    return _smallint(2, policy.max_attempts) + (_NULL if rest is None else _jsonb(rest))


def _uuid(text: str) -> bytes:
    return bytes.fromhex(text.replace("-", ""))


def _text(text: str) -> bytes:
    data = text.encode()
    return _length(len(data)) + data


def _jsonb(text: str) -> bytes:
    data = text.encode()
    return _jsonb_header(len(data) + 1, 1) + data


def _instant(instant: datetime) -> bytes:
    return _timestamp(8, (instant - _EPOCH) // _MICROSECOND)


def _texts(texts: Sequence[str]) -> bytes:
    elements = b"".join(map(_text, texts))
    # One dimension, no NULL in it; so many elements, counted from 1.
    header = _array_header(1, 0, _TEXT_OID, len(texts), 1)
    return _length(len(header) + len(elements)) + header + elements


# What is the same in row after row.
_name = lru_cache(maxsize=256)(_text)
_creation = lru_cache(maxsize=1)(_instant)
