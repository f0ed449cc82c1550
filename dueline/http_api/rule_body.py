"""The fields of a request that say when something recurs, and their way to a rule and back."""

from collections.abc import Mapping
from typing import Annotated, Any

import msgspec
from msgspec import Meta

from dueline.domain.errors import InvalidRequest
from dueline.domain.recurrence import DstGap, DstOverlap, JitterMode

PATTERN_FIELDS = ("cron", "every", "rrule", "instants")

# durations.py reads it; the document says a little of what that accepts
Duration = Annotated[
    int | float | str,
    Meta(
        description="Seconds, or an ISO 8601 duration of weeks, days, hours, minutes, seconds",
        extra_json_schema={"minimum": 0, "pattern": "^[P0-9]"},
    ),
]
# instants.py reads it
Moment = Annotated[str, Meta(extra_json_schema={"format": "date-time"})]


class DstBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What becomes of fixed times that the clock skips or repeats."""

    gap: DstGap | None = None
    overlap: DstOverlap | None = None


class RuleBody(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A rule; null means absent. docs/recurrence.md has the meaning, parse_rule() the limits."""

    cron: str | None = None
    every: Duration | None = None
    rrule: str | None = None
    instants: list[str] | None = None
    timezone: Annotated[str, Meta(min_length=1)] | None = None
    starts_at: str | None = None
    ends_at: str | None = None
    max_runs: Annotated[int, Meta(ge=1)] | None = None
    jitter: Duration | None = None
    jitter_mode: JitterMode | None = None
    exclude: str | list[str] | None = None
    dst: DstBody | None = None


def has_pattern(body: RuleBody) -> bool:
    """Whether the body asks for a recurrence."""
    return any(getattr(body, name) is not None for name in PATTERN_FIELDS)


def rule_spec(body: RuleBody) -> dict[str, Any]:
    """The rule as parse_rule() reads it. Raises InvalidRequest if nothing says when it runs."""
    if not has_pattern(body):
        raise InvalidRequest(
            f"Nothing says when it runs; give one of {', '.join(PATTERN_FIELDS)}.",
            code="INVALID_RECURRENCE",
        )
    given = {name: getattr(body, name) for name in RuleBody.__struct_fields__ if name != "dst"}
    if body.dst is not None:
        given |= {"dst_gap": body.dst.gap, "dst_overlap": body.dst.overlap}
    return {name: value for name, value in given.items() if value is not None}


def rule_fields(spec: Mapping[str, Any]) -> dict[str, Any]:
    """The same rule as a request writes it: rule_spec() the other way round."""
    dst = {part: spec[f"dst_{part}"] for part in ("gap", "overlap") if f"dst_{part}" in spec}
    fields = {name: value for name, value in spec.items() if not name.startswith("dst_")}
    return fields | ({"dst": dst} if dst else {})
