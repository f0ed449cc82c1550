"""Function `schedule`: POST /schedules/preview: what a rule would do."""

import json
from datetime import datetime, timedelta
from itertools import count
from typing import Any

import pytest

from tests.functions.conftest import Answer, Caller
from tests.functions.memory_services import NOON, MemoryServices, StandingClock, down


def preview(caller: Caller, **body: Any) -> Answer:
    return caller.ask("POST", "/schedules/preview", json.dumps(body))


def test_a_preview_shows_the_runs_by_both_clocks(caller: Caller) -> None:
    answer = preview(
        caller,
        cron="30 2 * * *",
        timezone="Europe/Berlin",
        after="2026-03-28T12:00:00+01:00",
        count=2,
    )

    assert answer.status == 200
    assert answer.body["runs"] == [
        {
            "utc": "2026-03-29T01:00:00.000000Z",
            "local": "2026-03-29T03:00:00+02:00",
            "note": "dst_gap",
        },
        {"utc": "2026-03-30T00:30:00.000000Z", "local": "2026-03-30T02:30:00+02:00", "note": None},
    ]
    assert answer.body["description"].startswith("At 02:30 every day, Europe/Berlin time.")
    assert any("2026-03-29" in warning for warning in answer.body["warnings"])


def test_a_preview_begins_now_where_nothing_else_is_said(caller: Caller) -> None:
    answer = preview(caller, every="PT90M")

    runs = [datetime.fromisoformat(run["utc"]) for run in answer.body["runs"]]
    assert runs == [NOON + n * timedelta(minutes=90) for n in range(1, 11)]


def test_a_preview_may_be_a_thousand_runs_long_and_no_longer(caller: Caller) -> None:
    longest = preview(caller, cron="* * * * *", count=1_000)

    assert len(longest.body["runs"]) == 1_000
    assert longest.body["warnings"] == ["Runs 1,440 times a day."]
    for wrong in (1_001, 0, -1):
        assert preview(caller, cron="* * * * *", count=wrong).body["code"] == "INVALID_FIELD"


def test_a_preview_stores_nothing_and_needs_no_store(
    caller: Caller, services: MemoryServices
) -> None:
    services.schedules = down("postgres")
    services.buffer = down("redis")

    assert preview(caller, cron="* * * * *").status == 200
    assert services.stored() == 0


def test_a_preview_ends_where_the_rule_ends(caller: Caller) -> None:
    answer = preview(caller, every=60, max_runs=3)

    assert len(answer.body["runs"]) == 3


def test_a_preview_of_a_rule_that_has_ended_warns(caller: Caller) -> None:
    answer = preview(caller, instants=["2026-01-01T00:00:00Z"])

    assert answer.body["runs"] == []
    assert answer.body["warnings"] == ["Nothing runs any more: no run lies ahead."]


def test_a_preview_with_jitter_says_which_runs_start_later(caller: Caller) -> None:
    answer = preview(caller, cron="0 * * * *", jitter=60, count=1)

    assert answer.body["runs"][0]["note"] == "jittered"


@pytest.mark.parametrize(
    ("body", "code", "pointer"),
    [
        ({}, "INVALID_RECURRENCE", ""),
        ({"cron": "61 * * * *"}, "INVALID_RECURRENCE", "/cron"),
        ({"cron": "* * * * *", "timezone": "x"}, "INVALID_RECURRENCE", "/timezone"),
        ({"cron": "* * * * *", "after": "x"}, "INVALID_TIME", "/after"),
        ({"cron": "* * * * *", "after": "2026-01-01T00:00"}, "INVALID_TIME", "/after"),
        ({"cron": "* * * * *", "after": "9999-01-01T00:00:00Z"}, "INVALID_TIME", "/after"),
        ({"cron": "* * * * *", "after": "0001-01-01T00:00:00Z"}, "INVALID_TIME", "/after"),
        ({"cron": "* * * * *", "type": "report"}, "INVALID_FIELD", "/type"),
        ({"cron": "* * * * *" + " " * 300}, "INVALID_RECURRENCE", "/cron"),
    ],
)
def test_what_cannot_be_previewed_is_refused(
    caller: Caller, body: dict[str, Any], code: str, pointer: str
) -> None:
    answer = preview(caller, **body)

    assert (answer.status, answer.body["code"]) == (422, code)
    assert answer.body["errors"][0]["pointer"] == pointer


@pytest.mark.parametrize("after", ["1970-01-01T00:00:00Z", "9997-12-31T23:59:59+14:00"])
def test_a_preview_may_begin_at_either_end_of_the_calendar(caller: Caller, after: str) -> None:
    answer = preview(caller, cron="30 2 * * *", timezone="Pacific/Kiritimati", after=after)

    assert answer.status == 200


class RunningClock(StandingClock):
    """Each look at it takes a second."""

    def __init__(self) -> None:
        super().__init__()
        self._seconds = count()

    def now(self) -> datetime:
        return NOON + timedelta(seconds=next(self._seconds))


def test_a_preview_that_takes_long_shows_what_it_has_and_says_so() -> None:
    services = MemoryServices()
    services.standing_clock = RunningClock()

    answer = preview(Caller(services), cron="* * * * *", count=1_000)

    runs = len(answer.body["runs"])
    assert 0 < runs < 1_000
    assert answer.body["warnings"][-1].startswith(f"Only the first {runs} runs are shown")
