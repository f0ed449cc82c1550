"""What function `schedule` works with, in this process: memory adapters, a clock that stands still,
and servers that can be down."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Never, cast

from dueline.config import Settings
from dueline.domain.errors import BackendUnavailable
from dueline.domain.lanes import LaneMap
from dueline.due_buffer.interface import DueBuffer
from dueline.due_buffer.memory import MemoryDueBuffer
from dueline.handler import Handler
from dueline.task_store.interface import Accepting
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
        self.store: Accepting = MemoryTaskStore()
        self.buffer: DueBuffer = MemoryDueBuffer(lambda: NOON)
        self.queue = cast("WorkQueue", Up())
        self.by_type = {
            type_: Handler(type=type_, function=lambda *_: None) for type_ in ("email", "report")
        }

    def settings(self) -> Settings:
        return self.given_settings

    def clock(self) -> StandingClock:
        return self.standing_clock

    def task_store(self) -> Accepting:
        return self.store

    def due_buffer(self) -> DueBuffer:
        return self.buffer

    def work_queue(self) -> WorkQueue:
        return self.queue

    def handlers(self) -> Mapping[str, Handler]:
        return self.by_type

    def stored(self) -> int:
        """How many tasks there are."""
        return sum(self.store.count_by_status().values())

    def buffered(self) -> list[datetime]:
        """The earliest due time of every lane that has one."""
        lanes = self.given_settings.lanes.all()
        return [due for lane in lanes if (due := self.buffer.next_due(lane))]
