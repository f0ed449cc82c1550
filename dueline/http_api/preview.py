"""What a rule would do. Nothing is stored; PostgreSQL is asked the time, and nothing else."""

from datetime import datetime, timedelta

from dueline.clock import SYNC_EVERY, Clock
from dueline.domain.recurrence import (
    RecurrenceRule,
    annotate,
    describe,
    next_after,
    parse_rule,
    warnings,
)
from dueline.http_api.exchange import Request, Response
from dueline.http_api.instants import rfc_3339
from dueline.http_api.local_instants import read_local_instant
from dueline.http_api.responses import json_response
from dueline.http_api.rule_body import rule_spec
from dueline.http_api.schedule_requests import preview_decoder
from dueline.http_api.services import Services

LONGEST_WORK = timedelta(seconds=5)  # a thousand runs of a rare RRULE would take longer


def preview_schedule(request: Request, services: Services) -> Response:
    """POST /schedules/preview: the runs of a rule later than `after`, as if it were made then."""
    body = preview_decoder.decode(request.body)
    spec = rule_spec(body)
    clock = services.clock()
    clock.sync(older_than=SYNC_EVERY)
    after = clock.now()
    if body.after is not None:
        after = read_local_instant(body.after, "/after", body.timezone)
    rule = parse_rule(spec, anchor=after)
    said = warnings(rule, after)
    runs, all_of_them = _runs(rule, after, body.count, clock)
    if not all_of_them:
        said.append(f"Only the first {len(runs)} runs are shown: this rule takes long to expand.")
    return json_response(
        {
            "runs": [
                {
                    "utc": rfc_3339(at),
                    "local": at.astimezone(rule.zone).isoformat(),
                    "note": annotate(rule, at),
                }
                for at in runs
            ],
            "description": describe(rule),
            "warnings": said,
        }
    )


def _runs(
    rule: RecurrenceRule, after: datetime, count: int, clock: Clock
) -> tuple[list[datetime], bool]:
    """The next runs, and whether there was time for all that were asked for."""
    give_up = clock.now() + LONGEST_WORK
    runs: list[datetime] = []
    at = next_after(rule, after)
    while at is not None and len(runs) < count:
        if clock.now() > give_up:
            return runs, False
        runs.append(at)
        at = next_after(rule, at, runs_made=len(runs))
    return runs, True
