"""Function `schedule`: tasks in the mass (GET /stats, GET /metrics), and whether ticks work."""

import re
from datetime import timedelta
from typing import Any

import pytest

from dueline.domain.tasks import TaskStatus
from dueline.stats_store.interface import SILENT_AFTER
from dueline.stats_store.memory import MemoryStatsStore
from dueline.task_store.memory import MemoryTaskStore
from tests.factories import MINUTE, SECOND, make_outcome, make_task
from tests.functions.conftest import Answer, Caller
from tests.functions.keys import bearer, given_key
from tests.functions.memory_services import NOON, MemoryServices

FLAT = {"pending", "queued", "running", "completed", "failed", "cancelled", "skipped", "total"}


@pytest.fixture
def tasks(services: MemoryServices) -> MemoryTaskStore:
    assert isinstance(services.store, MemoryTaskStore)
    return services.store


def ended(tasks: MemoryTaskStore, *, at: timedelta, late: timedelta, **overrides: Any) -> None:
    """A task that was due so long before noon, started so late, and took a second."""
    status = overrides.pop("status", TaskStatus.COMPLETED)
    task = make_task(execute_at=NOON - at, created_at=NOON - at, **overrides)
    tasks.add([task])
    started = task.execute_at + late
    lease = MINUTE
    [claim] = tasks.claim([task.ref], now=started, until=started, lease=lease, worker="w").claims
    tasks.record(
        [make_outcome(claim, status=status, started_at=started, ended_at=started + SECOND)],
        worker="w",
    )


def stats(caller: Caller, **query: str) -> Answer:
    return caller.ask("GET", "/stats", query=query)


def test_without_a_query_the_answer_is_the_seeds(caller: Caller, tasks: MemoryTaskStore) -> None:
    ended(tasks, at=MINUTE, late=SECOND)
    tasks.add([make_task(), make_task(type="report")])

    answer = stats(caller)

    assert set(answer.body) == FLAT
    assert (answer.body["pending"], answer.body["completed"], answer.body["total"]) == (2, 1, 3)


def test_kinds_are_types_and_their_queues(caller: Caller, tasks: MemoryTaskStore) -> None:
    tasks.add([make_task(), make_task(type="report"), make_task(type="report", queue="slow")])

    kinds = stats(caller, kinds="true").body["kinds"]

    assert [(kind["type"], kind["queue"], kind["pending"]) for kind in kinds] == [
        ("email", "default", 1),
        ("report", "default", 1),
        ("report", "slow", 1),
    ]


@pytest.mark.parametrize(
    ("query", "total"),
    [({"type": "report"}, 2), ({"queue": "slow"}, 1), ({"type": "email", "queue": "slow"}, 0)],
)
def test_a_type_or_a_queue_can_be_looked_at_alone(
    caller: Caller, tasks: MemoryTaskStore, query: dict[str, str], total: int
) -> None:
    tasks.add([make_task(), make_task(type="report"), make_task(type="report", queue="slow")])

    assert stats(caller, **query).body["total"] == total


def test_a_window_tells_throughput_lateness_and_run_time(
    caller: Caller, tasks: MemoryTaskStore
) -> None:
    for _ in range(60):
        ended(tasks, at=5 * MINUTE, late=SECOND / 2)
    ended(tasks, at=5 * MINUTE, late=SECOND, status=TaskStatus.FAILED)
    ended(tasks, at=30 * MINUTE, late=SECOND)

    window = stats(caller, window="600").body["window"]

    assert (window["since"], window["until"]) == (
        "2026-06-01T11:51:00.000000Z",
        "2026-06-01T12:01:00.000000Z",
    )
    assert (window["created"], window["completed"], window["failed"]) == (61, 60, 1)
    assert window["throughput_per_second"] == pytest.approx(61 / 600, abs=0.001)
    assert 500 <= window["lateness_ms"]["p50"] <= 1000
    assert 1000 <= window["run_time_ms"]["p99"] <= 2000


def test_buckets_are_pieces_of_the_window(caller: Caller, tasks: MemoryTaskStore) -> None:
    ended(tasks, at=5 * MINUTE, late=SECOND)
    ended(tasks, at=15 * MINUTE, late=SECOND)
    ended(tasks, at=16 * MINUTE, late=SECOND)

    body = stats(caller, window="PT20M", bucket="PT10M").body

    assert [(bucket["since"][11:16], bucket["completed"]) for bucket in body["buckets"]] == [
        ("11:41", 2),
        ("11:51", 1),
    ]
    assert body["buckets"][0]["until"] == body["buckets"][1]["since"]
    assert body["window"]["completed"] == 3


def test_a_window_in_which_nothing_happened_has_no_percentiles(caller: Caller) -> None:
    window = stats(caller, window="PT1H").body["window"]

    assert (window["completed"], window["lateness_ms"], window["run_time_ms"]) == (0, None, None)


@pytest.mark.parametrize(
    "query",
    [
        {"window": "30"},
        {"window": "90"},
        {"window": "P3D"},
        {"window": "soon"},
        {"window": "nan"},
        {"window": "inf"},
        {"window": "1e400"},
        {"bucket": "60"},
        {"window": "60", "bucket": "120"},
        {"window": "PT48H", "bucket": "60"},
        {"kinds": "maybe"},
        {"colour": "red"},
    ],
)
def test_a_query_that_cannot_be_meant_is_refused(caller: Caller, query: dict[str, str]) -> None:
    assert 400 <= stats(caller, **query).status < 500


def test_a_key_for_some_types_counts_those_alone(tasks: MemoryTaskStore) -> None:
    services = MemoryServices(access="keys")
    services.store.add([make_task(tenant="acme"), make_task(tenant="acme", type="report")])
    key = given_key(services.key_store, "tasks:read", types=frozenset({"report"}))

    answer = Caller(services).ask("GET", "/stats", query={"kinds": "1"}, headers=bearer(key))

    assert answer.body["total"] == 1
    assert [kind["type"] for kind in answer.body["kinds"]] == ["report"]


# --- /metrics ------------------------------------------------------------------------------------

SAMPLE = re.compile(r'[a-z_]+(\{[a-z]+="[^"\\\n]*"(,[a-z]+="[^"\\\n]*")*\})? (\+Inf|[0-9.e+-]+)')


def metrics(caller: Caller) -> dict[str, str]:
    """Sample → value. Every line is a comment or a sample of a metric that was announced."""
    answer = caller.ask("GET", "/metrics")
    assert answer.status == 200
    assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    assert answer.text.endswith("\n")
    samples: dict[str, str] = {}
    announced = set()
    for line in answer.text.splitlines():
        if line.startswith("# TYPE "):
            announced.add(line.split()[2])
        elif not line.startswith("# "):
            assert SAMPLE.fullmatch(line), line
            name = re.sub(r"_(bucket|sum|count)$", "", re.split(r"[{ ]", line)[0])
            assert name in announced or re.split(r"[{ ]", line)[0] in announced, line
            sample, _, value = line.rpartition(" ")
            assert sample not in samples
            samples[sample] = value
    return samples


def test_metrics_show_what_is_to_be_watched(
    caller: Caller, services: MemoryServices, tasks: MemoryTaskStore
) -> None:
    ended(tasks, at=MINUTE, late=SECOND / 4)
    ended(tasks, at=MINUTE, late=SECOND / 4, tenant="another")
    tasks.add([make_task(execute_at=NOON - 30 * SECOND, created_at=NOON - MINUTE)])
    services.stats.beat(["default.0"], now=NOON, counters={"overdue": 3, "sent": 7})

    seen = metrics(caller)

    assert seen['dueline_tasks{queue="default",status="completed"}'] == "2"
    assert seen['dueline_tasks{queue="default",status="pending"}'] == "1"
    assert seen['dueline_tasks{queue="partner",status="pending"}'] == "0"
    assert seen['dueline_tasks_created_total{queue="default"}'] == "3"
    assert seen['dueline_backlog{queue="default"}'] == "1"
    assert float(seen['dueline_oldest_due_seconds{queue="default"}']) == 30
    assert seen['dueline_lateness_seconds_bucket{queue="default",le="0.2"}'] == "0"
    assert seen['dueline_lateness_seconds_bucket{queue="default",le="0.5"}'] == "2"
    assert seen['dueline_lateness_seconds_bucket{queue="default",le="+Inf"}'] == "2"
    assert float(seen['dueline_lateness_seconds_sum{queue="default"}']) == 0.5
    assert seen['dueline_run_seconds_count{queue="default"}'] == "2"
    assert seen['dueline_repairs_total{kind="overdue"}'] == "3"
    assert seen["dueline_sent_total"] == "7"
    assert seen["dueline_fenced_out_total"] == "0"
    assert seen["dueline_poison_total"] == "0"
    assert float(seen['dueline_tick_lag_seconds{lane="default.0"}']) == 0
    assert seen['dueline_tick_up{lane="default.0"}'] == "1"


def test_metrics_name_no_tenant_and_no_type(caller: Caller, tasks: MemoryTaskStore) -> None:
    tasks.add([make_task(tenant="acme", type="invoice")])

    text = caller.ask("GET", "/metrics").text

    assert "acme" not in text
    assert "invoice" not in text


# --- ticks ---------------------------------------------------------------------------------------


def heard(services: MemoryServices, tasks: MemoryTaskStore, **ago: timedelta | None) -> None:
    """Ticks served each lane just now, but for some: so long ago, or (None) never."""
    services.stats = MemoryStatsStore(tasks)
    for lane in services.settings().lanes.all():
        silent = ago.get(lane.name.replace(".", "_"), timedelta(0))
        if silent is not None:
            services.stats.beat([lane.name], now=NOON - silent, counters={})


@pytest.mark.parametrize(
    ("silent", "status", "up"),
    [(SILENT_AFTER, "ready", "1"), (SILENT_AFTER + SECOND, "degraded", "0")],
)
def test_a_lane_that_no_tick_serves_shows(
    caller: Caller,
    services: MemoryServices,
    tasks: MemoryTaskStore,
    silent: timedelta,
    status: str,
    up: str,
) -> None:
    heard(services, tasks, default_2=silent)

    answer = caller.ask("GET", "/readyz")

    assert (answer.status, answer.body["status"]) == (200, status)
    assert answer.body["checks"]["tick"]["status"] == ("up" if up == "1" else "down")
    assert metrics(caller)['dueline_tick_up{lane="default.2"}'] == up
    assert float(metrics(caller)['dueline_tick_lag_seconds{lane="default.2"}']) == (
        silent.total_seconds()
    )


def test_a_lane_that_no_tick_has_ever_served_shows_too(
    caller: Caller, services: MemoryServices, tasks: MemoryTaskStore
) -> None:
    heard(services, tasks, partner_0=None)

    assert caller.ask("GET", "/readyz").body["status"] == "degraded"
    assert metrics(caller)['dueline_tick_up{lane="partner.0"}'] == "0"
    assert metrics(caller)['dueline_tick_lag_seconds{lane="partner.0"}'] == "+Inf"
