"""The body of POST /schedule/batch: many tasks in one request, each judged by itself.

JSON, {"tasks": [...], "atomic": true}; or, as application/x-ndjson, one task a line, and
`?atomic=` in the URL. Pointers are those of the JSON form: /tasks/3/execute_at is line 4's.
"""

from typing import NamedTuple

import msgspec
from msgspec import UNSET, UnsetType

from dueline.domain.errors import InvalidRequest
from dueline.http_api.decoding import BodyDecoder, decode_query
from dueline.http_api.exchange import Request
from dueline.http_api.json_limits import (
    MOST_BYTES,
    MOST_LEVELS,
    check_outline,
    check_size,
    plain_growth,
    utf_8,
)
from dueline.http_api.requests import ScheduleBody, decode_schedule

MOST_TASKS = 10_000
# A Lambda function is invoked with at most 6 MB. That is the gateway's event, in which the body is
# a text: each of its quotes and backslashes takes two bytes.
MOST_BATCH_BYTES = 4 * 1024 * 1024
NDJSON = "application/x-ndjson"

_LEVELS_AROUND = 2  # the object, and the array in it
_SURELY_SMALL = MOST_BYTES // 2  # a payload of a task that is not over MOST_BYTES
_WHITESPACE = b" \t\r"


class BatchBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """POST /schedule/batch. Atomic: all of them, or none."""

    tasks: list[ScheduleBody]
    atomic: bool = True


class _RawBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The same, before its tasks are looked at."""

    tasks: list[msgspec.Raw]
    atomic: bool = True


class BatchQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The URL of a batch of lines."""

    atomic: bool | UnsetType = UNSET


class Batch(NamedTuple):
    """What was asked for: in the order of the request, each task's body or why it is none."""

    items: list[ScheduleBody | InvalidRequest]
    atomic: bool


_decoder = msgspec.json.Decoder(BatchBody)
_raw_decoder = BodyDecoder(_RawBody)


def read_batch(request: Request) -> Batch:
    """The batch of a request. Raises InvalidRequest for what concerns the whole of it."""
    body = request.body
    check_size(body, most=MOST_BATCH_BYTES)
    query = decode_query(request.query, BatchQuery)
    media_type = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type == NDJSON:
        lines = [line for line in body.split(b"\n") if line.strip(_WHITESPACE)]
        return Batch(_apart(lines), query.atomic is not False)
    if query.atomic is not UNSET:
        raise InvalidRequest(
            f"In a JSON body `atomic` is a field; the parameter is for {NDJSON}.",
            code="CONFLICTING_FIELDS",
            pointer="/atomic",
        )
    return _of_json(body)


def _of_json(body: bytes) -> Batch:
    """The usual way: the whole body at once. Where that fails, task by task, to say which."""
    text = utf_8(body)
    added = plain_growth(text, levels=MOST_LEVELS + _LEVELS_AROUND)
    if added is not None:
        check_size(body, most=MOST_BATCH_BYTES, added=added)
        try:
            batch = _decoder.decode(text)
        except msgspec.ValidationError:
            pass
        else:
            if all(len(task.payload) < _SURELY_SMALL for task in batch.tasks):
                _check_count(len(batch.tasks))
                return Batch(list(batch.tasks), batch.atomic)
    check_outline(text)
    raw = _raw_decoder.decode_text(text)
    return Batch(_apart([bytes(task) for task in raw.tasks]), raw.atomic)


def _apart(tasks: list[bytes]) -> list[ScheduleBody | InvalidRequest]:
    _check_count(len(tasks))
    return [_one(task) for task in tasks]


def _one(task: bytes) -> ScheduleBody | InvalidRequest:
    try:
        return decode_schedule(task)
    except InvalidRequest as error:
        return error


def _check_count(count: int) -> None:
    if not 1 <= count <= MOST_TASKS:
        raise InvalidRequest(
            f"The batch has {count:,} tasks; want 1 to {MOST_TASKS:,}.",
            code="INVALID_FIELD",
            pointer="/tasks",
        )
