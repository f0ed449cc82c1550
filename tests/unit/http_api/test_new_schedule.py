"""From a body to a schedule, and back."""

import json
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from dueline.domain.callers import Caller
from dueline.domain.errors import InvalidRequest
from dueline.domain.missed import Missed, MissedPolicy
from dueline.domain.overlap import Overlap
from dueline.domain.retry import RetryPolicy
from dueline.domain.schedules import Schedule, rule_spec
from dueline.handler import Handler
from dueline.http_api.new_schedule import definition, new_schedule, recurs
from dueline.http_api.requests import ScheduleBody, decode_schedule
from dueline.http_api.schedule_changes import patched_body, redefined
from tests.factories import make_settings

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
HANDLERS = {"report": Handler(type="report", function=lambda *_: None, timeout=7 * SECOND)}
FULL = {
    "type": "report",
    "queue": "default",
    "payload": {"n": [1, None]},
    "cron": "30 9 * * MON-FRI",
    "timezone": "Europe/Berlin",
    "starts_at": "2026-06-02T00:00:00",
    "ends_at": "2027-01-01T00:00:00Z",
    "max_runs": 100,
    "jitter": "PT30S",
    "jitter_mode": "random",
    "exclude": ["2026-12-24", "* * * 8 *"],
    "dst": {"gap": "skip", "overlap": "both"},
    "name": "daily-report",
    "missed": {"policy": "all", "within": "PT2H", "pace": 3},
    "overlap": "buffer_one",
    "pause_after_failures": 4,
    "timeout": 60,
    "retry": {"max_attempts": 2},
}


def body_of(**fields: Any) -> ScheduleBody:
    return decode_schedule(json.dumps({"type": "report", **fields}).encode())


def schedule_of(in_path: str | None = None, /, **fields: Any) -> Schedule:
    return new_schedule(
        body_of(**fields),
        caller=Caller(tenant="acme"),
        now=NOON,
        settings=make_settings(),
        handlers=HANDLERS,
        name=in_path,
    )


def refusal(**fields: Any) -> InvalidRequest:
    with pytest.raises(InvalidRequest) as caught:
        schedule_of(**fields)
    return caught.value


def defined(schedule: Schedule) -> Any:
    return json.loads(msgspec.json.encode(definition(schedule)))


def test_a_cron_alone_makes_a_schedule_with_its_first_instant() -> None:
    schedule = schedule_of(cron="* * * * *")

    assert (schedule.tenant, schedule.type, schedule.queue) == ("acme", "report", "default")
    assert (schedule.created_at, schedule.updated_at, schedule.version) == (NOON, NOON, 1)
    assert schedule.next_at == NOON + 60 * SECOND
    assert (schedule.missed, schedule.overlap, schedule.pause) == (Missed(), Overlap.ALLOW, None)
    assert (schedule.retry, schedule.timeout) == (RetryPolicy(), 7 * SECOND)
    assert (schedule.name, schedule.runs_made) == (None, 0)


def test_every_field_of_a_recurrence_is_kept() -> None:
    schedule = schedule_of(**FULL)

    assert rule_spec(schedule) == {
        "cron": "30 9 * * MON-FRI",
        "timezone": "Europe/Berlin",
        "starts_at": "2026-06-02T00:00:00",
        "ends_at": "2027-01-01T00:00:00Z",
        "max_runs": 100,
        "jitter": "PT30S",
        "jitter_mode": "random",
        "exclude": ["2026-12-24", "* * * 8 *"],
        "dst_gap": "skip",
        "dst_overlap": "both",
    }
    assert schedule.missed == Missed(
        policy=MissedPolicy.ALL, within=timedelta(hours=2), pace=3 * SECOND
    )
    assert (schedule.overlap, schedule.pause_after_failures) == (Overlap.BUFFER_ONE, 4)
    assert schedule.next_at == datetime(2026, 6, 2, 7, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    "fields", [{"cron": "@daily"}, {"every": 5}, {"instants": ["2026-07-01T00:00:00Z"]}, FULL]
)
def test_the_definition_of_a_schedule_makes_the_same_schedule(fields: dict[str, Any]) -> None:
    schedule = schedule_of(**fields)

    again = schedule_of(**defined(schedule))

    assert defined(again) == defined(schedule)
    assert redefined(schedule, again) is schedule


@pytest.mark.parametrize(
    ("fields", "code", "pointer"),
    [
        ({"cron": "61 * * * *"}, "INVALID_RECURRENCE", "/cron"),
        ({"cron": "* * * * *", "every": 5}, "INVALID_RECURRENCE", "/cron"),
        ({"cron": "* * * * *", "timezone": "Mars/Base"}, "INVALID_RECURRENCE", "/timezone"),
        ({"every": 0}, "INVALID_RECURRENCE", "/every"),
        ({"every": "P1M"}, "INVALID_RECURRENCE", "/every"),
        ({"instants": []}, "INVALID_RECURRENCE", "/instants"),
        ({"cron": "@daily", "exclude": "tomorrow"}, "INVALID_RECURRENCE", "/exclude"),
        ({"cron": "@daily", "jitter": "P2D"}, "INVALID_RECURRENCE", "/jitter"),
        ({"cron": "@daily", "starts_at": "2026-06-01T00:00"}, "INVALID_RECURRENCE", "/starts_at"),
        ({"cron": "@daily", "max_runs": 10**10}, "INVALID_RECURRENCE", "/max_runs"),
        ({"cron": "@daily", "missed": {"within": "P2Y"}}, "INVALID_DURATION", "/missed/within"),
        ({"cron": "@daily", "missed": {"pace": -1}}, "INVALID_DURATION", "/missed/pace"),
        ({"cron": "@daily", "name": "a b"}, "INVALID_FIELD", "/name"),
        ({"cron": "@daily", "name": "preview"}, "INVALID_FIELD", "/name"),
        (
            {"cron": "@daily", "name": "01900000-0000-7000-8000-000000000000"},
            "INVALID_FIELD",
            "/name",
        ),
        ({"cron": "@daily", "delay": 5}, "CONFLICTING_FIELDS", "/delay"),
        (
            {"cron": "@daily", "execute_at": "2030-01-01T00:00:00Z"},
            "CONFLICTING_FIELDS",
            "/execute_at",
        ),
        (
            {"cron": "@daily", "expires_at": "2030-01-01T00:00:00Z"},
            "CONFLICTING_FIELDS",
            "/expires_at",
        ),
    ],
)
def test_what_cannot_recur_is_refused_with_its_place(
    fields: dict[str, Any], code: str, pointer: str
) -> None:
    error = refusal(**fields)

    assert (error.code, error.pointer) == (code, pointer)


@pytest.mark.parametrize(
    ("fields", "pointer"),
    [
        ({"cron": 5}, "/cron"),
        ({"every": True}, "/every"),
        ({"instants": "2026-07-01T00:00:00Z"}, "/instants"),
        ({"instants": [1]}, "/instants/0"),
        ({"max_runs": 0}, "/max_runs"),
        ({"jitter_mode": "often"}, "/jitter_mode"),
        ({"dst": "skip"}, "/dst"),
        ({"dst": {"gap": "shfit"}}, "/dst/gap"),
        ({"dst": {"fold": "first"}}, "/dst/fold"),
        ({"missed": "never"}, "/missed"),
        ({"missed": {"policy": "never"}}, "/missed/policy"),
        ({"overlap": "drop"}, "/overlap"),
        ({"pause_after_failures": 0}, "/pause_after_failures"),
    ],
)
def test_a_field_of_the_wrong_kind_is_named(fields: dict[str, Any], pointer: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        body_of(**{"cron": "@daily", **fields})

    assert (caught.value.code, caught.value.pointer) == ("INVALID_FIELD", pointer)


def test_a_word_alone_is_the_policy_for_what_is_missed() -> None:
    assert schedule_of(cron="@daily", missed="skip").missed == Missed(policy=MissedPolicy.SKIP)
    assert schedule_of(cron="@daily", missed={"within": None}).missed == Missed(within=None)


def test_a_single_task_is_no_recurrence() -> None:
    assert recurs(body_of(cron="@daily"))
    assert not recurs(body_of(delay=5))


@pytest.mark.parametrize(
    ("field", "value"),
    [("timezone", "UTC"), ("max_runs", 3), ("dst", {}), ("name", "x"), ("overlap", "skip")],
)
def test_half_a_recurrence_is_refused(field: str, value: object) -> None:
    with pytest.raises(InvalidRequest) as caught:
        recurs(body_of(**{field: value}))

    assert (caught.value.code, caught.value.pointer) == ("CONFLICTING_FIELDS", f"/{field}")


def test_the_name_in_the_path_and_in_the_body_are_one() -> None:
    assert schedule_of("nightly", cron="@daily").name == "nightly"
    assert schedule_of("nightly", cron="@daily", name="nightly").name == "nightly"
    with pytest.raises(InvalidRequest, match="a name never changes"):
        schedule_of("nightly", cron="@daily", name="daily")


def test_a_patch_leaves_what_it_does_not_name() -> None:
    schedule = schedule_of(**FULL)

    changed = schedule_of(**json.loads(msgspec.json.encode(FULL)) | {"overlap": "skip"})
    patched = patched_body(schedule, b'{"overlap":"skip"}')

    made = new_schedule(
        patched, caller=Caller(), now=NOON, settings=make_settings(), handlers=HANDLERS
    )
    assert defined(made) == defined(changed)


def test_a_patch_with_null_puts_back_what_is_right_without_the_field() -> None:
    body = patched_body(schedule_of(**FULL), b'{"dst":null,"missed":null,"max_runs":null}')

    assert (body.dst, body.missed, body.max_runs) == (None, None, None)
    assert body.cron == "30 9 * * MON-FRI"


def test_a_new_pattern_takes_the_place_of_the_old() -> None:
    body = patched_body(schedule_of(cron="@daily"), b'{"every":"PT5M"}')

    assert (body.cron, body.every) == (None, "PT5M")


@pytest.mark.parametrize(
    ("patch", "code"),
    [
        (b"[]", "INVALID_FIELD"),
        (b"null", "INVALID_FIELD"),
        (b"", "MALFORMED_JSON"),
        (b'{"cronn":"* * * * *"}', "INVALID_FIELD"),
        (b'{"cron":"@daily","cron":"@hourly"}', "UNSUPPORTED_JSON"),
        (b'{"type":null}', "INVALID_FIELD"),
    ],
)
def test_a_patch_is_read_as_strictly_as_a_body(patch: bytes, code: str) -> None:
    with pytest.raises(InvalidRequest) as caught:
        patched_body(schedule_of(cron="@daily"), patch)

    assert caught.value.code == code


def test_a_redefined_schedule_stays_the_same_schedule() -> None:
    seen = schedule_of(cron="@daily")

    new = redefined(seen, schedule_of(every="PT1H", payload={"a": 1}))

    assert (new.id, new.created_at, new.version, new.next_at) == (
        seen.id,
        seen.created_at,
        seen.version,
        seen.next_at,
    )
    assert (rule_spec(new), new.payload) == ({"every": "PT1H"}, '{"a": 1}')
