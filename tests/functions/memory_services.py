"""What function `schedule` works with, in this process: memory adapters, a clock that stands still,
and servers that can be down."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Never, cast

from dueline.clock import Clock
from dueline.config import Settings
from dueline.domain.callers import Access
from dueline.domain.errors import BackendUnavailable
from dueline.domain.lanes import LaneMap
from dueline.domain.tasks import DEFAULT_TENANT
from dueline.due_buffer.interface import DueBuffer
from dueline.due_buffer.memory import MemoryDueBuffer
from dueline.handler import Handler
from dueline.key_store.memory import MemoryKeyStore
from dueline.rate_limiter.interface import RateLimiter
from dueline.rate_limiter.memory import MemoryRateLimiter
from dueline.schedule_store.interface import ScheduleStore
from dueline.schedule_store.memory import MemoryScheduleStore
from dueline.stats_store.memory import MemoryStatsStore
from dueline.task_store.interface import Serving
from dueline.task_store.memory import MemoryTaskStore
from dueline.work_queue.interface import WorkQueue

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
PASSWORD = "hunter2"


def make_settings(**given: Any) -> Settings:
    defaults: dict[str, Any] = {
        "postgres_url": f"postgresql://dueline:{PASSWORD}@db.internal/dueline",
        "redis_url": "redis://cache.internal",
        "work_queue_url": "amqp://broker.internal",
        "lanes": LaneMap({"default": 4, "partner": 1}),
        "routes": {"export": "partner"},
        "outside": frozenset({"partner"}),
        "handler_modules": (),
        "access": Access.OPEN,
    }
    return Settings(**{**defaults, **given})


class StandingClock:
    """It is always noon. As with the real one, `now` is right only after a `sync`."""

    def __init__(self) -> None:
        self.synced = False

    def now(self) -> datetime:
        assert self.synced
        return NOON

    def sync(self, *, older_than: timedelta = timedelta(0)) -> None:  # noqa: ARG002
        self.synced = True

    def pause(self, duration: timedelta) -> None:
        """It stands still."""

    def sleep_until(self, instant: datetime) -> None:
        raise AssertionError(f"function schedule never sleeps, also not until {instant}")


class HurryingClock(StandingClock):
    """Each look at it is a minute after the last."""

    def __init__(self) -> None:
        super().__init__()
        self._looks = 0

    def now(self) -> datetime:
        self._looks += 1
        return super().now() + self._looks * timedelta(minutes=1)


class Failing:
    """A port of which every method raises."""

    def __init__(self, error: Exception) -> None:
        self._error = error

    def __getattr__(self, method: str) -> Any:
        def raise_(*_: object, **__: object) -> Never:
            raise self._error

        return raise_


def down(backend: str) -> Failing:
    """A server that does not answer."""
    return Failing(BackendUnavailable(backend, f"no answer from {PASSWORD}@db.internal:5432"))


class Up:
    """A server of which only `ping` is asked."""

    def ping(self) -> None:
        """It always answers."""


class MemoryServices:
    """As dueline.wiring, of memory. Its parts may be replaced before they are asked for."""

    def __init__(self, **settings: Any) -> None:
        self.given_settings = make_settings(**settings)
        self.standing_clock = StandingClock()
        self.key_store = MemoryKeyStore()
        tasks = MemoryTaskStore()
        self.store: Serving = tasks
        self.schedules: ScheduleStore = MemoryScheduleStore(tasks)
        self.limiter: RateLimiter = MemoryRateLimiter(lambda: NOON)
        self.stats = MemoryStatsStore(tasks)
        self.stats.beat([lane.name for lane in self.settings().lanes.all()], now=NOON, counters={})
        self.buffer: DueBuffer = MemoryDueBuffer(lambda: NOON)
        self.queue = cast("WorkQueue", Up())
        self.by_type = {
            type_: Handler(type=type_, function=lambda *_: None) for type_ in ("email", "report")
        }

    def settings(self) -> Settings:
        return self.given_settings

    def clock(self) -> Clock:
        return self.standing_clock

    def rate_limiter(self) -> RateLimiter:
        return self.limiter

    def stats_store(self) -> MemoryStatsStore:
        return self.stats

    def keys(self) -> MemoryKeyStore:
        return self.key_store

    def task_store(self) -> Serving:
        return self.store

    def schedule_store(self) -> ScheduleStore:
        return self.schedules

    def due_buffer(self) -> DueBuffer:
        return self.buffer

    def work_queue(self) -> WorkQueue:
        return self.queue

    def handlers(self) -> Mapping[str, Handler]:
        return self.by_type

    def stored(self, tenant: str = DEFAULT_TENANT) -> int:
        """How many tasks of the tenant there are."""
        return sum(counts["created"] for counts in self.stats.counts(tenant).values())

    def buffered(self) -> list[datetime]:
        """The earliest due time of every lane that has one."""
        lanes = self.given_settings.lanes.all()
        return [due for lane in lanes if (due := self.buffer.next_due(lane))]
