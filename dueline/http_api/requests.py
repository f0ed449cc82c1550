"""The bodies of requests: their fields, read strictly."""

import re
from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from dueline.domain.errors import InvalidRequest
from dueline.domain.retry import Backoff
from dueline.http_api.json_limits import checked_text
from dueline.http_api.pointers import json_pointer, pointer_of_path
from dueline.http_api.wording import did_you_mean, shown

MOST_ATTEMPTS = 100

Duration = int | float | str  # seconds, or ISO 8601; durations.py reads it


class RetryBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The parts of a retry policy that the caller chooses; the handler's defaults fill the rest."""

    max_attempts: Annotated[int, Meta(ge=1, le=MOST_ATTEMPTS)] | UnsetType = UNSET
    backoff: Backoff | UnsetType = UNSET
    base: Duration | UnsetType = UNSET
    cap: Duration | UnsetType = UNSET
    max_age: Duration | UnsetType | None = UNSET
    jitter: bool | UnsetType = UNSET


class ScheduleBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """POST /schedule. Only `type` is required; null means absent, but for `payload`."""

    type: str
    payload: msgspec.Raw = msgspec.Raw(b"{}")  # as written: it is carried, not read
    execute_at: str | None = None
    delay: Duration | None = None
    queue: str | None = None
    retry: RetryBody | None = None
    timeout: Duration | None = None
    expires_at: str | None = None


_FIELDS = {"": ScheduleBody.__struct_fields__, "/retry": RetryBody.__struct_fields__}
_CHOICES = {"/retry/backoff": Backoff}
_schedule_decoder = msgspec.json.Decoder(ScheduleBody)


def decode_schedule(body: bytes) -> ScheduleBody:
    """Read the body of POST /schedule. Raises InvalidRequest; what it returns can be stored."""
    text = checked_text(body)
    try:
        return _schedule_decoder.decode(text)
    except msgspec.ValidationError as error:
        raise _invalid_field(str(error)) from error


def _invalid_field(message: str) -> InvalidRequest:
    """msgspec's sentence, "what - at `$.path`", as an error of ours."""
    what, _, path = message.removesuffix("`").rpartition(" - at `")
    if not path.startswith("$"):
        what, path = message, "$"
    pointer = pointer_of_path(path)
    if named := re.fullmatch(r"Object contains unknown field `(.*?)`?", what, re.DOTALL):
        return _unknown_field(named[1], pointer)
    if named := re.fullmatch(r"Object missing required field `(.*)`", what):
        pointer += json_pointer([named[1]])
        return InvalidRequest(f"{pointer} is missing.", code="INVALID_FIELD", pointer=pointer)
    sentence = what[:1].lower() + what[1:].replace("`", "")
    if pointer in _CHOICES:
        sentence += f"; want {', '.join(_CHOICES[pointer])}"
    return InvalidRequest(
        f"{pointer or 'The body'}: {sentence}.", code="INVALID_FIELD", pointer=pointer
    )


def _unknown_field(name: str, parent: str) -> InvalidRequest:
    # A name can be made to look like a path of msgspec's; then the parent is not one of ours.
    known = _FIELDS.get(parent, _FIELDS[""])
    return InvalidRequest(
        f"{shown(name)} is no field here{did_you_mean(name, known)} Known are {', '.join(known)}.",
        code="INVALID_FIELD",
        pointer=parent + json_pointer([name]),
    )
