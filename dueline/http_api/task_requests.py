"""What requests about existing tasks say: filters in a query or a body, and edits."""

from collections.abc import Callable
from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from msgspec import UNSET, Meta, UnsetType

from dueline.domain.callers import Caller
from dueline.domain.errors import InvalidRequest
from dueline.domain.task_filter import TaskFilter
from dueline.domain.tasks import TaskStatus
from dueline.http_api.decoding import BodyDecoder
from dueline.http_api.instants import read_instant
from dueline.http_api.json_limits import checked_text
from dueline.http_api.requests import LONGEST_TAG
from dueline.http_api.rule_body import Moment
from dueline.http_api.wording import did_you_mean, shown

DEFAULT_PAGE = 50
MOST_ON_A_PAGE = 200

Text = Annotated[str, Meta(min_length=1)]


class FilterFields(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Which tasks: all conditions hold. Times are from (inclusive) to (exclusive)."""

    status: Annotated[str | None, Meta(description="One, or several with commas between")] = None
    type: Annotated[Text | None, Meta(description="One, or several with commas between")] = None
    queue: Text | None = None
    tag: Annotated[str, Meta(min_length=1, max_length=LONGEST_TAG)] | None = None
    schedule: Annotated[UUID | None, Meta(description="The id of the schedule that made them")] = (
        None
    )
    payload: Annotated[
        str | None, Meta(description='JSON that the payload contains, as jsonb: {"user":7}')
    ] = None
    execute_from: Moment | None = None
    execute_to: Moment | None = None
    created_from: Moment | None = None
    created_to: Moment | None = None


class TaskQuery(FilterFields, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The query of GET /tasks."""

    page_size: Annotated[
        int, Meta(ge=1, description=f"More than {MOST_ON_A_PAGE} is {MOST_ON_A_PAGE}")
    ] = DEFAULT_PAGE
    page_token: str | None = None


class EditBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """PATCH /tasks/{task_id}. What is absent stays as it is."""

    execute_at: Moment | UnsetType = UNSET
    payload: msgspec.Raw | UnsetType = UNSET
    queue: str | UnsetType = UNSET


class BulkBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """POST /tasks/cancel and /tasks/retry. Nothing is changed unless dry_run is false."""

    filter: FilterFields
    dry_run: bool = True
    page_token: Annotated[
        str | None, Meta(description="next_page_token of an answer that was not done")
    ] = None


class RescheduleBody(BulkBody, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """POST /tasks/reschedule."""

    execute_at: str


_bulk_decoder = BodyDecoder(BulkBody)
_reschedule_decoder = BodyDecoder(RescheduleBody)
_edit_decoder = BodyDecoder(EditBody)


def decode_bulk(body: bytes) -> BulkBody:
    """Read the body of POST /tasks/cancel or /tasks/retry. Raises InvalidRequest."""
    return _bulk_decoder.decode(body)


def decode_reschedule(body: bytes) -> RescheduleBody:
    """Read the body of POST /tasks/reschedule. Raises InvalidRequest."""
    return _reschedule_decoder.decode(body)


def decode_edit(body: bytes) -> EditBody:
    """Read the body of PATCH /tasks/{task_id}. Raises InvalidRequest."""
    edit = _edit_decoder.decode(body)
    if edit == EditBody():
        raise InvalidRequest(
            "Nothing is to be changed; send execute_at, payload or queue.", code="INVALID_FIELD"
        )
    return edit


def task_filter(
    fields: FilterFields, caller: Caller, *, code: str = "INVALID_PARAMETER", at: str = ""
) -> TaskFilter:
    """The filter that a query or (with another code, at a place of it) a body asks for, within
    what the caller may see. Raises InvalidRequest."""

    def refuse(detail: str, name: str) -> InvalidRequest:
        return InvalidRequest(detail, code=code, pointer=f"{at}/{name}")

    types = None if fields.type is None else frozenset(fields.type.split(","))
    if caller.types is not None:
        types = caller.types if types is None else types & caller.types
    return TaskFilter(
        statuses=_statuses(fields.status, refuse),
        types=types,
        queue=fields.queue,
        tag=fields.tag,
        schedule_id=None if fields.schedule is None else str(fields.schedule),
        payload=_payload(fields.payload, refuse),
        execute_from=_instant(fields.execute_from, f"{at}/execute_from"),
        execute_to=_instant(fields.execute_to, f"{at}/execute_to"),
        created_from=_instant(fields.created_from, f"{at}/created_from"),
        created_to=_instant(fields.created_to, f"{at}/created_to"),
    )


Refuse = Callable[[str, str], InvalidRequest]


def _statuses(text: str | None, refuse: Refuse) -> frozenset[TaskStatus]:
    if text is None:
        return frozenset(TaskStatus)
    for word in text.split(","):
        if word not in set(TaskStatus):
            raise refuse(
                f"{shown(word)} is no status{did_you_mean(word, TaskStatus)} "
                f"Want of {', '.join(TaskStatus)}.",
                "status",
            )
    return frozenset(TaskStatus(word) for word in text.split(","))


def _payload(text: str | None, refuse: Refuse) -> str | None:
    if text is None:
        return None
    try:
        return checked_text(text.encode("utf-8", "surrogatepass"))
    except InvalidRequest as error:
        raise refuse(f"Want JSON that the payload contains: {error.detail}", "payload") from error


def _instant(text: str | None, pointer: str) -> datetime | None:
    return None if text is None else read_instant(text, pointer)
