"""The typed client against the real app: what goes out comes back typed, and errors say all."""

from datetime import UTC, datetime, timedelta

import pytest

from dueline.client import ApiError, Client, StillWaiting, Unreachable
from dueline.domain.tasks import TaskStatus
from tests.contract.app_server import complete, served
from tests.functions.keys import given_key
from tests.functions.memory_services import NOON, MemoryServices, down

NOBODY = "01900000-0000-7000-8000-000000000000"


def test_a_task_is_made_with_all_that_was_given_and_read_back_typed(client: Client) -> None:
    made = client.tasks.create(
        "email",
        {"subject": "Grüße", "n": [1, 2.5, None]},
        execute_at=NOON + timedelta(hours=1),
        retry={"max_attempts": 3, "base": timedelta(seconds=2)},
        timeout=timedelta(seconds=30),
        expires_at="2026-06-02T00:00:00Z",
    )

    task = client.tasks.get(made.task_id)
    assert made.execute_at == task.execute_at == datetime(2026, 6, 1, 13, tzinfo=UTC)
    assert task.status is TaskStatus.PENDING
    assert task.max_attempts == 3
    assert task.payload == {"subject": "Grüße", "n": [1, 2.5, None]}
    assert task.attempts == ()
    with pytest.raises(AttributeError):
        task.status = TaskStatus.FAILED  # type: ignore[misc]  # it is frozen


def test_a_delay_is_a_timedelta_seconds_or_iso_8601(client: Client) -> None:
    for delay in (timedelta(minutes=1), 60, 60.0, "PT1M"):
        made = client.tasks.create("email", delay=delay)
        assert made.execute_at == NOON + timedelta(minutes=1)


def test_a_time_without_a_zone_is_refused_before_it_is_sent(
    client: Client, services: MemoryServices
) -> None:
    with pytest.raises(ValueError, match="execute_at"):
        client.tasks.create("email", execute_at=datetime(2026, 6, 1))  # noqa: DTZ001

    assert services.stored() == 0


def test_a_refusal_names_code_pointer_and_detail(client: Client) -> None:
    with pytest.raises(ApiError) as refused:
        client.tasks.create("emial")

    error = refused.value
    assert (error.status, error.code, error.pointer) == (422, "UNKNOWN_TYPE", "/type")
    assert 'did you mean "email"?' in error.detail
    assert error.retryable is False
    assert error.request_id


@pytest.mark.parametrize("task_id", [NOBODY, "../stats", "a b", "%2e%2e"])
def test_an_id_that_no_task_has_is_not_found(client: Client, task_id: str) -> None:
    with pytest.raises(ApiError) as refused:
        client.tasks.get(task_id)

    assert (refused.value.status, refused.value.code) == (404, "TASK_NOT_FOUND")


def test_waiting_ends_when_the_task_does(services: MemoryServices) -> None:
    waits: list[float] = []

    def pause(seconds: float) -> None:
        waits.append(seconds)
        if len(waits) == 2:
            complete(services, made.task_id, result='{"sent": true}')

    with served(services) as url, Client(url, pause=pause) as client:
        made = client.tasks.create("email")
        task = client.tasks.wait(made.task_id)

    assert (task.status, task.result) == (TaskStatus.COMPLETED, {"sent": True})
    assert len(waits) == 2
    assert waits[0] < waits[1]


def test_waiting_ends_when_its_time_is_over(client: Client) -> None:
    made = client.tasks.create("email", delay=3600)

    with pytest.raises(StillWaiting, match="pending"):
        client.tasks.wait(made.task_id, within=timedelta(0))


def test_stats_and_readiness(client: Client, services: MemoryServices) -> None:
    client.tasks.create("email")

    assert (client.stats().pending, client.stats().total) == (1, 1)
    assert client.readiness().status == "ready"
    services.store = down("postgres")
    assert client.readiness().status == "unavailable"


def test_the_key_goes_along_with_every_request(
    services: MemoryServices, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = MemoryServices(access="keys")
    key = given_key(closed.key_store)

    with served(closed) as url:
        monkeypatch.setenv("DUELINE_URL", url)
        with Client() as stranger, pytest.raises(ApiError) as refused:
            stranger.stats()
        monkeypatch.setenv("DUELINE_API_KEY", key)
        with Client() as holder:
            assert holder.stats().total == 0

    assert (refused.value.status, refused.value.code) == (401, "UNAUTHENTICATED")


def test_an_address_that_is_none_is_refused() -> None:
    with pytest.raises(ValueError, match="localhost:8080"):
        Client("localhost:8080")


def test_nobody_at_the_address_is_unreachable_after_all_tries() -> None:
    waits: list[float] = []

    with (
        Client(
            "http://127.0.0.1:1", give_up_after=timedelta(seconds=2), pause=waits.append
        ) as gone,
        pytest.raises(Unreachable, match=r"127\.0\.0\.1:1"),
    ):
        gone.stats()

    assert waits


def test_a_task_is_not_made_beside_one_with_its_dedupe_key(client: Client) -> None:
    first = client.tasks.create("email", delay=3600, dedupe="customer-42")
    second = client.tasks.create("email", delay=7200, dedupe="customer-42")
    replaced = client.tasks.create(
        "email", delay=7200, dedupe={"key": "customer-42", "on_conflict": "replace"}
    )

    assert second.task_id == replaced.task_id == first.task_id
    assert (second.deduplicated, replaced.deduplicated) == ("returned", "replaced")
    assert replaced.execute_at == NOON + timedelta(hours=2)


def test_the_same_idempotency_key_makes_one_task(client: Client) -> None:
    first = client.tasks.create("email", idempotency_key="order-4711")
    second = client.tasks.create("email", idempotency_key="order-4711")

    assert first == second
    with pytest.raises(ApiError) as refused:
        client.tasks.create("report", idempotency_key="order-4711")
    assert refused.value.code == "IDEMPOTENCY_KEY_REUSED"
