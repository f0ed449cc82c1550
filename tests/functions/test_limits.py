"""Function `schedule`: how much of a tenant is let through."""

import json
from typing import Any

import pytest

from dueline.domain.callers import Access
from dueline.domain.limits import Limits
from dueline.rate_limiter.memory import MemoryRateLimiter
from tests.factories import SECOND
from tests.functions.conftest import Answer, Caller
from tests.functions.keys import NOBODY, bearer, given_key
from tests.functions.memory_services import NOON, MemoryServices, down

EMAIL = '{"type":"email"}'


def api(limits: Limits, **settings: Any) -> Caller:
    return Caller(MemoryServices(access=Access.KEYS, limits=limits, **settings))


def asked(caller: Caller, *, tenant: str = "acme", times: int = 1) -> list[Answer]:
    key = bearer(given_key(caller.services.key_store, tenant=tenant))
    return [caller.ask("GET", "/stats", headers=key) for _ in range(times)]


def test_without_a_setting_there_is_no_limit_and_no_word_of_one(caller: Caller) -> None:
    [*_, last] = asked(caller, times=50)

    assert last.status == 200
    assert not [name for name in last.headers if name.startswith("RateLimit")]


def test_more_than_the_burst_is_refused_and_says_when_to_come_again() -> None:
    answers = asked(api(Limits(rate=0.5, burst=3)), times=4)

    assert [answer.status for answer in answers] == [200, 200, 200, 429]
    assert answers[0].headers["RateLimit-Policy"] == '"default";q=3;w=6'
    assert [answer.headers["RateLimit"] for answer in answers] == [
        '"default";r=2;t=2',
        '"default";r=1;t=4',
        '"default";r=0;t=6',
        '"default";r=0;t=6',
    ]
    assert answers[3].body["code"] == "RATE_LIMITED"
    assert answers[3].body["retryable"] is True
    assert answers[3].headers["Retry-After"] == "2"


def test_errors_say_too_what_is_left() -> None:
    caller = api(Limits(rate=1, burst=9))
    tasks_only = bearer(given_key(caller.services.key_store, "tasks:*"))

    answers = [
        caller.ask("GET", "/tasks/{task_id}", headers=tasks_only, task_id=NOBODY),
        caller.schedule("{", **tasks_only),
        caller.schedule('{"type":"email","cron":"@daily"}', **tasks_only),
    ]

    assert [answer.status for answer in answers] == [404, 400, 403]
    assert [answer.headers["RateLimit"] for answer in answers] == [
        f'"default";r={left};t={9 - left}' for left in (8, 7, 6)
    ]


def test_a_refused_request_changes_nothing() -> None:
    caller = api(Limits(rate=1))
    key = bearer(given_key(caller.services.key_store))

    answers = [caller.schedule(EMAIL, **key) for _ in range(3)]

    assert [answer.status for answer in answers] == [201, 429, 429]
    assert caller.services.stored("acme") == 1


def test_tenants_do_not_use_up_each_others_rate() -> None:
    caller = api(Limits(rate=1))

    assert [answer.status for answer in asked(caller, times=2)] == [200, 429]
    assert [answer.status for answer in asked(caller, tenant="zebra", times=2)] == [200, 429]


def test_two_keys_of_a_tenant_share_its_rate() -> None:
    caller = api(Limits(rate=1))

    assert [answer.status for answer in asked(caller) + asked(caller)] == [200, 429]


@pytest.mark.parametrize(
    ("own", "let_through"),
    [
        (Limits(), 2),
        (Limits(rate=4), 4),
        (Limits(rate=1, burst=5), 5),
        (Limits(rate=0), 8),
        (Limits(burst=3), 3),
    ],
)
def test_a_tenant_may_have_limits_of_its_own(own: Limits, let_through: int) -> None:
    caller = api(Limits(rate=1, burst=2))
    caller.services.key_store.limit("acme", own)

    answers = asked(caller, times=8)

    assert [answer.status for answer in answers].count(200) == let_through


@pytest.mark.parametrize("path", ["/livez", "/readyz"])
def test_what_is_open_is_not_counted(path: str) -> None:
    caller = api(Limits(rate=1))

    assert [caller.ask("GET", path).status for _ in range(5)] == [200] * 5


def test_a_request_that_is_refused_for_its_key_is_not_counted() -> None:
    caller = api(Limits(rate=1))
    for _ in range(5):
        assert caller.ask("GET", "/stats").status == 401

    assert asked(caller)[0].status == 200


def test_redis_down_lets_everything_through(caplog: pytest.LogCaptureFixture) -> None:
    caller = api(Limits(rate=1))
    caller.services.limiter = down("redis")

    answers = asked(caller, times=3)

    assert [answer.status for answer in answers] == [200] * 3
    assert "RateLimit" not in answers[0].headers
    assert "rate_unlimited" in {vars(record).get("event") for record in caplog.records}


def test_tokens_come_back_with_time() -> None:
    clock = [NOON]
    limiter = MemoryRateLimiter(lambda: clock[0])
    assert limiter.take("acme", rate=2, burst=1).admitted
    assert not limiter.take("acme", rate=2, burst=1).admitted

    clock[0] += SECOND / 2

    assert limiter.take("acme", rate=2, burst=1).admitted


# --- tasks that wait -----------------------------------------------------------------------------


def test_more_tasks_than_the_quota_are_refused_whole() -> None:
    caller = api(Limits(most_waiting=3))
    key = bearer(given_key(caller.services.key_store))

    def batch(count: int) -> Answer:
        body = json.dumps({"tasks": [{"type": "email"}] * count})
        return caller.ask("POST", "/schedule/batch", body, headers=key)

    assert batch(2).status == 201
    refused = batch(2)
    assert (refused.status, refused.body["code"]) == (429, "QUOTA_EXCEEDED")
    assert refused.headers["Retry-After"]
    assert caller.services.stored("acme") == 2
    assert caller.schedule(EMAIL, **key).status == 201
    assert caller.schedule(EMAIL, **key).status == 429
    assert caller.services.stored("acme") == 3


def test_the_quota_of_one_tenant_is_not_that_of_another() -> None:
    caller = api(Limits(most_waiting=1))
    for tenant in ("acme", "zebra"):
        key = bearer(given_key(caller.services.key_store, tenant=tenant))
        assert [caller.schedule(EMAIL, **key).status for _ in range(2)] == [201, 429]
