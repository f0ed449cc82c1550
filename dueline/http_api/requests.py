"""The bodies of requests: their fields, read strictly."""

from enum import StrEnum
from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from dueline.domain.missed import MissedPolicy
from dueline.domain.overlap import Overlap
from dueline.domain.retry import Backoff
from dueline.http_api.decoding import BodyDecoder
from dueline.http_api.rule_body import Duration, Moment, RuleBody

MOST_ATTEMPTS = 100
MOST_FAILURES = 1_000
MOST_TAGS = 16
LONGEST_TAG = 64

Tag = Annotated[str, Meta(min_length=1, max_length=LONGEST_TAG)]
Tags = Annotated[list[Tag], Meta(max_length=MOST_TAGS)]


class RetryBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The parts of a retry policy that the caller chooses; the handler's defaults fill the rest."""

    max_attempts: Annotated[int, Meta(ge=1, le=MOST_ATTEMPTS)] | UnsetType = UNSET
    backoff: Backoff | UnsetType = UNSET
    base: Duration | UnsetType = UNSET
    cap: Duration | UnsetType = UNSET
    max_age: Duration | UnsetType | None = UNSET
    jitter: bool | UnsetType = UNSET


class OnConflict(StrEnum):
    """What becomes of a new task whose dedupe key another has that has not ended."""

    RETURN = "return"  # the answer is the other one
    REPLACE = "replace"  # the other one gets this time, payload and queue, while it waits
    REJECT = "reject"  # 409


class DedupeBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """At most one task with this key that has not ended."""

    key: Annotated[str, Meta(min_length=1, max_length=255)]
    on_conflict: OnConflict = OnConflict.RETURN


class MissedBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What becomes of occurrences that could not be sent in time."""

    policy: MissedPolicy | UnsetType = UNSET
    within: Duration | UnsetType | None = UNSET
    pace: Duration | UnsetType = UNSET


class ScheduleBody(RuleBody, frozen=True, kw_only=True, forbid_unknown_fields=True, gc=False):
    """POST /schedule: a task, or a recurrence where a field of the rule says when.

    Only `type` is required; null means absent, but for `payload`. Decoded JSON has no cycles, so
    the garbage collector need not look at the thousands of a batch.
    """

    type: str
    # As written: it is carried, not read. By a factory, since no JSON schema can show a Raw.
    payload: msgspec.Raw = msgspec.field(default_factory=lambda: msgspec.Raw(b"{}"))
    execute_at: Moment | None = None
    delay: Duration | None = None
    queue: str | None = None
    retry: RetryBody | None = None
    timeout: Duration | None = None
    expires_at: Moment | None = None
    tags: Tags | None = None
    dedupe: DedupeBody | None = None
    # Of recurrences only
    name: str | None = None
    missed: MissedPolicy | MissedBody | None = None
    overlap: Overlap | None = None
    pause_after_failures: Annotated[int, Meta(ge=1, le=MOST_FAILURES)] | None = None


_decoder = BodyDecoder(ScheduleBody)


def decode_schedule(body: bytes) -> ScheduleBody:
    """Read the body of POST /schedule. Raises InvalidRequest; what it returns can be stored."""
    return _decoder.decode(body)
