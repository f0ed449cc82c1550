"""The bodies and queries of requests about schedules, read strictly."""

from typing import Annotated

import msgspec
from msgspec import UNSET, Meta, UnsetType

from dueline.http_api.decoding import BodyDecoder
from dueline.http_api.rule_body import Duration, RuleBody

MOST_PREVIEWED = 1_000
MOST_ON_A_PAGE = 200

Note = Annotated[str, Meta(max_length=500)]


class PreviewBody(RuleBody, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """POST /schedules/preview: a rule, and which of its runs to show."""

    after: str | None = None
    count: Annotated[int, Meta(ge=1, le=MOST_PREVIEWED)] = 10


class PauseBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """POST /schedules/{schedule}/pause."""

    note: Note | None = None
    until: str | None = None


class ResumeBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """POST /schedules/{schedule}/resume."""

    from_pause: bool = False


class RunBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """POST /schedules/{schedule}/run."""

    payload: msgspec.Raw | UnsetType = UNSET  # null is a payload too


class BackfillBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """POST /schedules/{schedule}/backfill: the instants in start < instant <= end."""

    start: str
    end: str
    pace: Duration | None = None
    dry_run: bool = False


class OccurrenceBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """POST /schedules/{schedule}/unskip."""

    at: str


class SkipBody(OccurrenceBody, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """POST /schedules/{schedule}/skip."""

    note: Note | None = None


class ScheduleQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """GET /schedules."""

    type: str | None = None
    queue: str | None = None
    tag: str | None = None
    name_prefix: str | None = None
    paused: bool | None = None
    page_size: Annotated[int, Meta(ge=1)] = 50
    page_token: str | None = None


class ExplainQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """GET /schedules/{schedule}/explain."""

    at: str


preview_decoder = BodyDecoder(PreviewBody)
pause_decoder = BodyDecoder(PauseBody)
resume_decoder = BodyDecoder(ResumeBody)
run_decoder = BodyDecoder(RunBody)
backfill_decoder = BodyDecoder(BackfillBody)
skip_decoder = BodyDecoder(SkipBody)
unskip_decoder = BodyDecoder(OccurrenceBody)
