"""Function `schedule`: what is done to a schedule and to single occurrences, and what is told."""

import json
from datetime import datetime, timedelta
from typing import Any

import pytest

from dueline.domain.overlap import Overlap
from dueline.domain.tasks import Task
from tests.factories import make_occurrence
from tests.functions.conftest import Answer, Caller
from tests.functions.memory_services import NOON, MemoryServices

ONE = "/schedules/{schedule}"
HOURLY = {"type": "report", "cron": "0 * * * *", "timezone": "Europe/Berlin", "payload": {"n": 1}}


@pytest.fixture
def hourly(caller: Caller) -> str:
    """The id of an hourly schedule called `hourly`."""
    made = caller.ask("PUT", ONE, json.dumps(HOURLY), schedule="hourly")
    return str(made.body["schedule_id"])


def act(caller: Caller, action: str, body: Any = None) -> Answer:
    sent = None if body is None else json.dumps(body)
    return caller.ask("POST", f"{ONE}/{action}", sent, schedule="hourly")


def explain(caller: Caller, at: str) -> Answer:
    return caller.ask("GET", f"{ONE}/explain", query={"at": at}, schedule="hourly")


def tasks_of(services: MemoryServices, schedule_id: str) -> list[Task]:
    return services.schedules.occurrences("default", schedule_id, at=NOON, before=99, after=99)


@pytest.mark.parametrize(
    "action", ["pause", "resume", "run", "backfill", "skip", "unskip", "explain"]
)
def test_nothing_can_be_done_to_a_schedule_that_is_not_there(caller: Caller, action: str) -> None:
    method = "GET" if action == "explain" else "POST"
    bodies = {
        "backfill": '{"start":"2026-05-01T00:00:00Z","end":"2026-05-01T00:00:00Z"}',
        "skip": '{"at":"2026-06-01T13:00:00Z"}',
        "unskip": '{"at":"2026-06-01T13:00:00Z"}',
    }

    answer = caller.ask(
        method,
        f"{ONE}/{action}",
        bodies.get(action),
        query={"at": "2026-06-01T13:00:00Z"} if action == "explain" else None,
        schedule="nobody",
    )

    assert (answer.status, answer.body["code"]) == (404, "SCHEDULE_NOT_FOUND")


def test_a_paused_schedule_runs_nothing_and_says_why(
    caller: Caller, services: MemoryServices, hourly: str
) -> None:
    answer = act(caller, "pause", {"note": "the printer is on fire"})

    assert (answer.status, answer.body["status"]) == (200, "paused")
    assert answer.body["pause"] == {
        "since": "2026-06-01T12:00:00.000000Z",
        "until": None,
        "note": "the printer is on fire",
    }
    assert answer.body["next_runs"] == []
    assert tasks_of(services, hourly) == []


def test_a_pause_may_have_an_end_by_the_clock_of_the_schedule(caller: Caller, hourly: str) -> None:
    answer = act(caller, "pause", {"until": "2026-06-02T09:00:00"})

    assert answer.body["pause"]["until"] == "2026-06-02T07:00:00.000000Z"
    assert answer.body["next_runs"][0] == "2026-06-02T07:00:00.000000Z"


def test_a_pause_that_is_over_already_is_refused(caller: Caller, hourly: str) -> None:
    answer = act(caller, "pause", {"until": "2026-06-01T12:00:00Z"})

    assert (answer.status, answer.body["code"]) == (422, "INVALID_TIME")
    assert answer.body["errors"][0]["pointer"] == "/until"


@pytest.mark.parametrize("body", [None, {}, {"from_pause": True}])
def test_a_resumed_schedule_goes_on(
    caller: Caller, services: MemoryServices, hourly: str, body: Any
) -> None:
    act(caller, "pause")

    answer = act(caller, "resume", body)

    assert (answer.status, answer.body["status"], answer.body["pause"]) == (200, "active", None)
    assert answer.body["next_runs"][0] == "2026-06-01T13:00:00.000000Z"


def test_what_is_not_paused_is_resumed_without_a_change(caller: Caller, hourly: str) -> None:
    answer = act(caller, "resume")

    assert (answer.status, answer.headers["ETag"]) == (200, '"1"')


@pytest.mark.parametrize("payload", [{"n": 2}, None, [1], "text"])
def test_a_run_now_is_due_now_with_the_payload_that_is_sent(
    caller: Caller, services: MemoryServices, hourly: str, payload: Any
) -> None:
    answer = act(caller, "run", {"payload": payload})

    [task] = [t for t in tasks_of(services, hourly) if t.occurrence_at == NOON]
    assert answer.status == 201
    assert answer.headers["Location"] == f"/tasks/{task.id}"
    assert (answer.body["task_id"], answer.body["status"]) == (task.id, "pending")
    assert json.loads(task.payload) == payload
    assert min(services.buffered()) == NOON


def test_a_run_now_without_a_body_has_the_payload_of_the_schedule(
    caller: Caller, services: MemoryServices, hourly: str
) -> None:
    act(caller, "run")
    act(caller, "run")

    runs = [t for t in tasks_of(services, hourly) if t.execute_at == NOON]
    assert [json.loads(task.payload) for task in runs] == [{"n": 1}, {"n": 1}]


def test_a_dry_backfill_counts_and_makes_nothing(
    caller: Caller, services: MemoryServices, hourly: str
) -> None:
    span = {"start": "2026-05-31T00:00:00", "end": "2026-05-31T12:00:00+02:00"}
    before = services.stored()

    answer = act(caller, "backfill", {**span, "dry_run": True})

    assert answer.status == 200
    assert answer.body["instants"] == 12
    assert answer.body["first"] == "2026-05-30T23:00:00.000000Z"
    assert services.stored() == before


def test_a_backfill_makes_each_instant_once(
    caller: Caller, services: MemoryServices, hourly: str
) -> None:
    span = {"start": "2026-05-31T00:00:00Z", "end": "2026-05-31T03:00:00Z", "pace": "PT10S"}

    first, again = act(caller, "backfill", span), act(caller, "backfill", span)

    past = [t for t in tasks_of(services, hourly) if t.occurrence_at and t.occurrence_at < NOON]
    assert (first.status, first.body["made"], again.body["made"]) == (201, 3, 0)
    assert [task.occurrence_at for task in past] == [
        datetime.fromisoformat(f"2026-05-31T0{hour}:00:00+00:00") for hour in (1, 2, 3)
    ]
    assert [task.due_at - NOON for task in past] == [timedelta(seconds=s) for s in (0, 10, 20)]


@pytest.mark.parametrize(
    ("reason", "made"), [("missed: by more than 1:00:00", 1), ("skipped by hand: holiday", 0)]
)
def test_a_backfill_runs_what_was_missed_and_not_what_was_skipped_by_hand(
    caller: Caller, services: MemoryServices, hourly: str, reason: str, made: int
) -> None:
    at = NOON - timedelta(hours=2)
    make, skip = services.schedules.make, services.schedules.skip
    make("default", hourly, [make_occurrence(at)], overlap=Overlap.ALLOW, now=NOON)
    skip("default", hourly, make_occurrence(at, skipped=reason), now=NOON)

    span = {"start": "2026-06-01T09:30:00Z", "end": "2026-06-01T10:30:00Z"}
    answer = act(caller, "backfill", span)

    [task] = [t for t in tasks_of(services, hourly) if t.occurrence_at == at]
    assert answer.body["made"] == made
    assert task.status == ("pending" if made else "skipped")


@pytest.mark.parametrize(
    ("body", "code", "pointer"),
    [
        ({"start": "2026-05-31T00:00:00Z"}, "INVALID_FIELD", "/end"),
        ({"start": "x", "end": "2026-05-31T00:00:00Z"}, "INVALID_TIME", "/start"),
        (
            {"start": "2026-05-31T00:00:00Z", "end": "2026-06-01T13:00:00Z"},
            "INVALID_TIME",
            "/end",
        ),
        (
            {"start": "1990-05-31T00:00:00Z", "end": "2026-05-31T13:00:00Z"},
            "RANGE_TOO_LARGE",
            "/end",
        ),
        (
            {"start": "2026-05-31T00:00:00Z", "end": "2026-05-31T01:00:00Z", "pace": "P2D"},
            "INVALID_DURATION",
            "/pace",
        ),
    ],
)
def test_a_backfill_that_cannot_be_is_refused(
    caller: Caller, services: MemoryServices, hourly: str, body: Any, code: str, pointer: str
) -> None:
    before = services.stored()

    answer = act(caller, "backfill", body)

    assert (answer.status, answer.body["code"]) == (422, code)
    assert answer.body["errors"][0]["pointer"] == pointer
    assert services.stored() == before


def test_a_skipped_occurrence_is_left_out_until_it_is_unskipped(
    caller: Caller, hourly: str
) -> None:
    at = {"at": "2026-06-01T16:00:00"}
    runs = caller.ask("GET", ONE, schedule="hourly").body["next_runs"]

    skipped = act(caller, "skip", {**at, "note": "holiday"})
    without = caller.ask("GET", ONE, schedule="hourly").body["next_runs"]
    undone = act(caller, "unskip", at)

    assert (skipped.status, skipped.body["status"]) == (200, "skipped")
    assert skipped.body["error"] == "skipped by hand: holiday"
    assert without == [*(run for run in runs if "14:00" not in run), "2026-06-01T18:00:00.000000Z"]
    assert undone.status == 200
    assert undone.body["next_runs"] == runs


@pytest.mark.parametrize("action", ["skip", "unskip"])
def test_only_instants_of_the_rule_can_be_skipped(caller: Caller, hourly: str, action: str) -> None:
    answer = act(caller, action, {"at": "2026-06-01T13:30:00Z"})

    assert (answer.status, answer.body["code"]) == (422, "NOT_AN_OCCURRENCE")
    assert answer.body["errors"][0]["pointer"] == "/at"


def test_what_nobody_skipped_cannot_be_unskipped(caller: Caller, hourly: str) -> None:
    answer = act(caller, "unskip", {"at": "2026-06-01T14:00:00Z"})

    assert (answer.status, answer.body["code"]) == (409, "OCCURRENCE_CONFLICT")


@pytest.mark.parametrize("at", ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59Z", "now", ""])
@pytest.mark.parametrize("action", ["skip", "unskip"])
def test_a_time_beyond_the_calendar_is_refused(
    caller: Caller, hourly: str, action: str, at: str
) -> None:
    answer = act(caller, action, {"at": at})

    assert (answer.status, answer.body["code"]) == (422, "INVALID_TIME")


def test_a_skip_is_explained(caller: Caller, hourly: str) -> None:
    act(caller, "skip", {"at": "2026-06-01T16:00:00", "note": "holiday"})

    answer = explain(caller, "2026-06-01T16:00:00")

    assert answer.status == 200
    assert answer.body["verdict"] == "not_run"
    assert answer.body["reasons"] == ["Its task is skipped: skipped by hand: holiday."]
    assert answer.body["local"] == "2026-06-01T16:00:00+02:00"
    assert [task["status"] for task in answer.body["tasks"]] == ["skipped"]


def test_a_time_that_the_clock_skipped_is_explained_as_such(caller: Caller, hourly: str) -> None:
    answer = explain(caller, "2026-03-29T02:30:00")

    assert answer.body["reasons"][0].startswith(
        "The clock in Europe/Berlin jumped from 2026-03-29 02:00:00 to 2026-03-29 03:00:00"
    )


@pytest.mark.parametrize("query", [{}, {"at": "x"}, {"at": "2026-06-01T16:00:00Z", "to": "y"}])
def test_an_explanation_of_nothing_is_refused(
    caller: Caller, hourly: str, query: dict[str, str]
) -> None:
    answer = caller.ask("GET", f"{ONE}/explain", query=query, schedule="hourly")

    assert (answer.status, answer.body["code"]) == (400, "INVALID_PARAMETER")
