"""Schedules: what `client.schedules` offers. A schedule is named by its id or its name."""

from collections.abc import Iterator, Mapping
from typing import Any, TypeVar

from dueline.client.transport import Transport, segment
from dueline.client.wire import Duration, Moment, as_json, fields
from dueline.http_api.schedule_bodies import (
    AcceptedSchedule,
    Backfill,
    Occurrence,
    Preview,
    Schedule,
    ScheduleExplanation,
    SchedulePage,
)

T = TypeVar("T")


class Schedules:
    """Use it through a Client.

    The fields of a `definition` are those of POST /schedule (docs/api.md): exactly one of cron,
    every, rrule and instants; timezone, starts_at, missed, overlap and the like beside it.
    """

    def __init__(self, transport: Transport) -> None:
        self._transport = transport

    def create(
        self,
        type: str,  # noqa: A002 - the API's word
        payload: Any = None,
        **definition: Any,
    ) -> AcceptedSchedule:
        """Make a schedule. On return it is committed.

        It is asked once: no Idempotency-Key goes with what recurs. put() may be repeated.
        """
        body = fields(type=type, payload=payload, **definition)
        return self._transport.ask("POST", "/schedule", body=body, answer=AcceptedSchedule)

    def put(self, name: str, definition: Mapping[str, Any]) -> Schedule:
        """Make the schedule of this name, or make it so: safe to repeat, at each deployment."""
        self._transport.ask("PUT", _path(name), body=fields(**definition))
        return self.get(name)

    def change(
        self, schedule: str, changes: Mapping[str, Any], *, if_match: str | None = None
    ) -> Schedule:
        """Other values for some fields of its definition; None puts back what is right without.

        With `if_match`, an ETag (`"3"` for version 3), only if that is still its version.
        """
        return self._transport.ask(
            "PATCH",
            _path(schedule),
            body={name: as_json(name, value) for name, value in changes.items()},
            headers={"If-Match": if_match} if if_match else None,
            answer=Schedule,
        )

    def delete(self, schedule: str) -> None:
        """What waits of its occurrences is cancelled; its other tasks stay."""
        self._transport.ask("DELETE", _path(schedule))

    def get(self, schedule: str) -> Schedule:
        return self._transport.ask("GET", _path(schedule), answer=Schedule)

    def list(
        self,
        *,
        type: str | None = None,  # noqa: A002 - the API's word
        queue: str | None = None,
        tag: str | None = None,
        name_prefix: str | None = None,
        paused: bool | None = None,
    ) -> Iterator[Schedule]:
        """All that fit, newest first; pages are asked for as they are needed."""
        query = {
            "type": type,
            "queue": queue,
            "tag": tag,
            "name_prefix": name_prefix,
            "paused": paused,
        }
        token: str | None = None
        while True:
            page: SchedulePage = self._transport.ask(
                "GET", "/schedules", query={**query, "page_token": token}, answer=SchedulePage
            )
            yield from page.schedules
            if (token := page.next_page_token) is None:
                return

    def preview(self, *, after: Moment | None = None, count: int = 10, **rule: Any) -> Preview:
        """What a rule means; nothing is stored."""
        body = fields(after=after, count=count, **rule)
        return self._transport.ask(
            "POST", "/schedules/preview", body=body, answer=Preview, repeatable=True
        )

    def explain(self, schedule: str, at: Moment) -> ScheduleExplanation:
        """Why the instant `at` ran late, twice or not at all."""
        return self._transport.ask(
            "GET", f"{_path(schedule)}/explain", query={"at": at}, answer=ScheduleExplanation
        )

    def pause(
        self, schedule: str, *, note: str | None = None, until: Moment | None = None
    ) -> Schedule:
        """Run nothing of it from now on, until then or until it is resumed."""
        return self._do(schedule, "pause", Schedule, note=note, until=until)

    def resume(self, schedule: str, *, from_pause: bool = False) -> Schedule:
        """End its pause: from now on; or as if there had been none, as its policy for missed
        occurrences says."""
        return self._do(schedule, "resume", Schedule, from_pause=from_pause)

    def run(self, schedule: str, *, payload: Any = None) -> Occurrence:
        """One more occurrence, at once."""
        return self._do(schedule, "run", Occurrence, payload=payload)

    def backfill(
        self,
        schedule: str,
        start: Moment,
        end: Moment,
        *,
        pace: Duration | None = None,
        dry_run: bool = False,
    ) -> Backfill:
        """Run what has no task in start < instant <= end; dry: only count it. Safe to repeat."""
        body = fields(start=start, end=end, pace=pace, dry_run=dry_run)
        return self._transport.ask(
            "POST", f"{_path(schedule)}/backfill", body=body, answer=Backfill, repeatable=True
        )

    def skip(self, schedule: str, at: Moment, *, note: str | None = None) -> Occurrence:
        """Leave the occurrence of that instant out."""
        return self._do(schedule, "skip", Occurrence, at=at, note=note)

    def unskip(self, schedule: str, at: Moment) -> Schedule:
        """Undo a skip; where its time has passed, it runs at once."""
        return self._do(schedule, "unskip", Schedule, at=at)

    def _do(self, schedule: str, action: str, answer: type[T], **body: Any) -> T:
        return self._transport.ask(
            "POST", f"{_path(schedule)}/{action}", body=fields(**body), answer=answer
        )


def _path(schedule: str) -> str:
    return f"/schedules/{segment(schedule)}"
