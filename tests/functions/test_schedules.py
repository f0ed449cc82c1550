"""Function `schedule`: schedules listed, read, changed and deleted."""

import json
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from dueline.domain.schedules import Schedule
from dueline.schedule_store.memory import MemoryScheduleStore
from dueline.task_store.memory import MemoryTaskStore
from tests.functions.conftest import Answer, Caller
from tests.functions.keys import NOBODY, bearer, given_key
from tests.functions.memory_services import NOON, MemoryServices

ONE = "/schedules/{schedule}"
MINUTE = timedelta(minutes=1)


def body_of(**fields: Any) -> str:
    return json.dumps({"type": "report", "cron": "* * * * *", **fields})


def put(
    caller: Caller, name: str, *, headers: dict[str, str] | None = None, **fields: Any
) -> Answer:
    return caller.ask("PUT", ONE, body_of(**fields), headers=headers, schedule=name)


def instants(services: MemoryServices, schedule_id: str) -> list[datetime | None]:
    made = services.schedules.occurrences("default", schedule_id, at=NOON, before=999, after=999)
    return [task.occurrence_at for task in made]


def test_a_schedule_is_read_by_id_and_by_name(caller: Caller) -> None:
    made = caller.schedule(body_of(name="nightly", payload={"n": 1.50}))

    by_name = caller.ask("GET", ONE, schedule="nightly")
    by_id = caller.ask("GET", ONE, schedule=made.body["schedule_id"].upper())

    assert by_name.status == 200
    assert by_name.body == by_id.body
    assert by_name.headers["ETag"] == by_id.headers["ETag"] == '"1"'
    assert by_name.body["next_runs"] == made.body["next_runs"]
    assert by_name.body["status"] == "active"
    assert by_name.body["definition"]["payload"] == {"n": 1.5}


@pytest.mark.parametrize(
    "name", [NOBODY, "nobody", "", "x" * 10_000, "\x00", "\ud800", "a/b", "preview", "é"]
)
def test_what_is_no_schedule_is_404(caller: Caller, name: str) -> None:
    answer = caller.ask("GET", ONE, schedule=name)

    assert (answer.status, answer.body["code"]) == (404, "SCHEDULE_NOT_FOUND")


def test_a_definition_that_is_sent_back_changes_nothing(caller: Caller) -> None:
    caller.schedule(body_of(name="nightly", every=None, missed="all", dst={"gap": "skip"}))
    read = caller.ask("GET", ONE, schedule="nightly")

    answer = caller.ask("PUT", ONE, json.dumps(read.body["definition"]), schedule="nightly")

    assert answer.status == 200
    assert answer.body == read.body
    assert answer.headers["ETag"] == '"1"'


def test_put_makes_what_is_not_there_and_changes_what_is(caller: Caller) -> None:
    made = put(caller, "nightly")
    changed = put(caller, "nightly", cron="30 * * * *")

    assert (made.status, made.body["name"], made.headers["ETag"]) == (201, "nightly", '"1"')
    assert (changed.status, changed.headers["ETag"]) == (200, '"2"')
    assert changed.body["schedule_id"] == made.body["schedule_id"]
    assert changed.body["next_runs"][0] == "2026-06-01T12:30:00.000000Z"


def test_put_by_an_id_that_nothing_has_makes_nothing(caller: Caller) -> None:
    answer = put(caller, NOBODY)

    assert (answer.status, answer.body["code"]) == (404, "SCHEDULE_NOT_FOUND")


@pytest.mark.parametrize("name", ["preview", "a%20b", ".hidden", "x" * 129])
def test_put_refuses_what_cannot_be_a_name(caller: Caller, name: str) -> None:
    answer = put(caller, name)

    assert (answer.status, answer.body["code"]) == (422, "INVALID_FIELD")


def test_a_change_takes_back_what_was_made_ahead_and_makes_it_anew(
    caller: Caller, services: MemoryServices
) -> None:
    made = put(caller, "nightly")
    before = instants(services, made.body["schedule_id"])

    put(caller, "nightly", cron="*/2 * * * *")

    after = instants(services, made.body["schedule_id"])
    assert before[:3] == [NOON + MINUTE, NOON + 2 * MINUTE, NOON + 3 * MINUTE]
    assert after[:3] == [NOON + 2 * MINUTE, NOON + 4 * MINUTE, NOON + 6 * MINUTE]


def test_a_patch_changes_what_it_names(caller: Caller) -> None:
    put(caller, "nightly", timezone="Europe/Berlin", missed="all")

    answer = caller.ask("PATCH", ONE, '{"every":"PT1H","missed":null}', schedule="nightly")

    assert answer.status == 200
    definition = answer.body["definition"]
    assert (definition["every"], definition["timezone"]) == ("PT1H", "Europe/Berlin")
    assert definition["missed"]["policy"] == "latest"
    assert "cron" not in definition


def test_a_patch_that_cannot_be_used_changes_nothing(caller: Caller) -> None:
    put(caller, "nightly")

    answer = caller.ask("PATCH", ONE, '{"cron":"0 0 30 2 *"}', schedule="nightly")

    assert (answer.status, answer.body["code"]) == (422, "INVALID_RECURRENCE")
    assert caller.ask("GET", ONE, schedule="nightly").headers["ETag"] == '"1"'


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE"])
def test_a_change_of_something_newer_is_refused(caller: Caller, method: str) -> None:
    put(caller, "nightly")
    put(caller, "nightly", cron="@hourly")
    body = None if method == "DELETE" else body_of(cron="@daily")

    stale = caller.ask(method, ONE, body, headers={"If-Match": '"1"'}, schedule="nightly")
    still = caller.ask("GET", ONE, schedule="nightly")
    fresh = caller.ask(method, ONE, body, headers={"If-Match": '"2"'}, schedule="nightly")

    assert (stale.status, stale.body["code"]) == (412, "PRECONDITION_FAILED")
    assert still.body["definition"]["cron"] == "@hourly"
    assert fresh.status in {200, 204}


def test_a_schedule_is_made_only_where_there_is_none(caller: Caller) -> None:
    only_new = {"If-None-Match": "*"}

    assert put(caller, "nightly", headers=only_new).status == 201
    assert put(caller, "nightly", headers=only_new, cron="@daily").status == 412
    assert put(caller, "other", headers={"If-Match": '"1"'}).status == 412


def test_what_waits_of_a_deleted_schedule_is_cancelled(
    caller: Caller, services: MemoryServices
) -> None:
    put(caller, "nightly")

    answer = caller.ask("DELETE", ONE, schedule="nightly")

    assert (answer.status, answer.text) == (204, "")
    assert caller.ask("GET", ONE, schedule="nightly").status == 404
    assert caller.ask("DELETE", ONE, schedule="nightly").status == 404
    [counts] = services.stats.counts("default").values()
    assert counts["pending"] == 0
    assert counts["cancelled"] > 0


def test_a_list_has_pages_newest_first(caller: Caller) -> None:
    for number in range(5):
        put(caller, f"s{number}")
    names: list[str] = []
    query = {"page_size": "2"}

    while True:
        page = caller.ask("GET", "/schedules", query=query)
        names += [each["name"] for each in page.body["schedules"]]
        if page.body["next_page_token"] is None:
            break
        query["page_token"] = page.body["next_page_token"]

    assert sorted(names) == ["s0", "s1", "s2", "s3", "s4"]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({}, ["a", "ab", "c"]),
        ({"type": "email"}, ["c"]),
        ({"name_prefix": "a"}, ["a", "ab"]),
        ({"queue": "partner"}, ["ab"]),
        ({"paused": "true"}, ["a"]),
        ({"paused": "false"}, ["ab", "c"]),
        ({"type": "none"}, []),
    ],
)
def test_a_list_can_be_narrowed(caller: Caller, query: dict[str, str], names: list[str]) -> None:
    put(caller, "a")
    put(caller, "ab", queue="partner")
    put(caller, "c", type="email")
    caller.ask("POST", f"{ONE}/pause", schedule="a")

    answer = caller.ask("GET", "/schedules", query=query)

    assert sorted(each["name"] for each in answer.body["schedules"]) == names


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ({"page_size": "0"}, "INVALID_PARAMETER"),
        ({"page_size": "ten"}, "INVALID_PARAMETER"),
        ({"paused": "maybe"}, "INVALID_PARAMETER"),
        ({"status": "paused"}, "INVALID_PARAMETER"),
        ({"page_token": "x"}, "INVALID_PAGE_TOKEN"),
    ],
)
def test_a_query_that_cannot_be_read_is_refused(
    caller: Caller, query: dict[str, str], code: str
) -> None:
    answer = caller.ask("GET", "/schedules", query=query)

    assert (answer.status, answer.body["code"]) == (400, code)


def test_a_page_token_is_good_for_its_own_filter_only(caller: Caller) -> None:
    put(caller, "a")
    put(caller, "b")
    page = caller.ask("GET", "/schedules", query={"page_size": "1"})
    token = page.body["next_page_token"]

    answer = caller.ask("GET", "/schedules", query={"page_token": token, "type": "report"})

    assert (answer.status, answer.body["code"]) == (400, "INVALID_PAGE_TOKEN")


def test_nobody_sees_or_changes_schedules_of_another_tenant() -> None:
    services = MemoryServices(access="keys")
    caller = Caller(services)
    ours = bearer(given_key(services.key_store, tenant="acme"))
    theirs = bearer(given_key(services.key_store, tenant="other"))
    made = put(caller, "nightly", headers=ours)

    for name in ("nightly", made.body["schedule_id"]):
        for method in ("GET", "DELETE", "PATCH"):
            answer = caller.ask(method, ONE, "{}", headers=theirs, schedule=name)
            assert (method, answer.status) == (method, 404)
    listed = caller.ask("GET", "/schedules", headers=theirs)
    own = put(caller, "nightly", headers=theirs)

    assert listed.body["schedules"] == []
    assert own.status == 201
    assert own.body["schedule_id"] != made.body["schedule_id"]


def test_a_key_for_some_types_sees_and_changes_those_only() -> None:
    services = MemoryServices(access="keys")
    caller = Caller(services)
    everything = bearer(given_key(services.key_store))
    emails = bearer(given_key(services.key_store, types=frozenset({"email"})))
    put(caller, "report", headers=everything)
    put(caller, "email", headers=everything, type="email")

    listed = caller.ask("GET", "/schedules", headers=emails)

    assert [each["name"] for each in listed.body["schedules"]] == ["email"]
    assert caller.ask("GET", ONE, headers=emails, schedule="report").status == 404
    assert put(caller, "other", headers=emails).status == 403
    assert put(caller, "email", headers=emails, type="report").status == 403


class Contested(MemoryScheduleStore):
    """Someone else changes the schedule just before each of our changes."""

    def replace(self, seen: Schedule, new: Schedule, *, now: datetime) -> bool:
        super().replace(seen, replace(seen, type="email"), now=now)
        return super().replace(seen, new, now=now)


def test_a_change_that_others_always_precede_is_given_up() -> None:
    services = MemoryServices()
    services.store = tasks = MemoryTaskStore()
    services.schedules = Contested(tasks)
    caller = Caller(services)
    put(caller, "nightly")

    answer = put(caller, "nightly", cron="@daily")
    with_tag = put(caller, "nightly", headers={"If-Match": '"4"'}, cron="@daily")

    assert (answer.status, answer.body["code"]) == (409, "SCHEDULE_CHANGED")
    assert answer.body["retryable"] is True
    assert with_tag.status == 412
