"""The query of GET /stats."""

import msgspec

from dueline.http_api.rule_body import Duration


class StatsQuery(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """GET /stats. Nothing is required."""

    type: str | None = None
    queue: str | None = None
    kinds: bool = False
    window: Duration | None = None
    bucket: Duration | None = None
