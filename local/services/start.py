"""Start PostgreSQL, Redis and RabbitMQ side by side, as one thing to stop."""

import threading
from collections.abc import Iterable, Mapping
from concurrent.futures import FIRST_EXCEPTION, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any

from local.services.model import Progress, Service, Unavailable
from local.services.postgres import start_postgres
from local.services.rabbitmq import start_rabbitmq
from local.services.redis import start_redis
from local.services.server import Server
from local.services.watchdog import Watchdog


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    """The servers of one local run, ready. A context manager that stops them."""

    postgres: Server
    redis: Server
    rabbitmq: Server | None  # None: use Redis Streams as the work queue
    no_rabbitmq: str  # why there is none, in words; "" if there is one
    watchdog: Watchdog

    @property
    def work_queue_url(self) -> str:
        """Of RabbitMQ, or else of Redis in its place."""
        return (self.rabbitmq or self.redis).service.url

    def all(self) -> list[Service]:
        """What runs, and where each came from."""
        servers = (self.postgres, self.redis, self.rabbitmq)
        return [server.service for server in servers if server]

    def stop(self) -> None:
        """Stop those that are ours; nothing of them runs on return. May be called twice."""
        for server in (self.rabbitmq, self.redis, self.postgres):
            if server:
                server.stop()
        self.watchdog.close()

    def __enter__(self) -> "Services":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


def start_services(
    data: Path, *, environ: Mapping[str, str], progress: Progress, cache: Path | None = None
) -> Services:
    """Adopt or start all three under `data`. `progress` gets one line for each step.

    RabbitMQ may be missing: then `no_rabbitmq` says why, and Redis Streams can do its work. When
    another one fails, or the caller is interrupted, what was started is ended before the error
    goes on. Raises ServiceError. Downloads are kept in `cache`, `data`/cache by default.
    """
    say = _one_at_a_time(progress)
    watchdog = Watchdog()
    with ThreadPoolExecutor(max_workers=3, thread_name_prefix="start") as pool:
        # The longest first. Starting is waiting: for a download, for initdb, for a login.
        rabbitmq = pool.submit(_broker_or_reason, data, environ, watchdog, say, cache)
        postgres, redis = (
            pool.submit(start, data, environ=environ, watchdog=watchdog, progress=say)
            for start in (start_postgres, start_redis)
        )
        starts: list[Future[Any]] = [postgres, redis, rabbitmq]
        try:
            for start in wait(starts, return_when=FIRST_EXCEPTION).done:
                start.result()
        except BaseException:
            # Ends what runs and refuses what is about to, so that every start comes to its end.
            watchdog.close()
            _release(starts)
            raise
    broker = rabbitmq.result()
    if isinstance(broker, str):
        say(f"rabbitmq: none, so Redis Streams is the work queue. The reason: {broker}")
    return Services(
        postgres=postgres.result(),
        redis=redis.result(),
        rabbitmq=None if isinstance(broker, str) else broker,
        no_rabbitmq=broker if isinstance(broker, str) else "",
        watchdog=watchdog,
    )


def _broker_or_reason(
    data: Path,
    environ: Mapping[str, str],
    watchdog: Watchdog,
    progress: Progress,
    cache: Path | None,
) -> Server | str:
    try:
        return start_rabbitmq(
            data, environ=environ, watchdog=watchdog, progress=progress, cache=cache
        )
    except Unavailable as error:
        return str(error)


def _release(starts: Iterable[Future[Any]]) -> None:
    """Give back the locks of those that did start."""
    for start in wait(starts).done:
        if start.exception() is None and isinstance(start.result(), Server):
            start.result().stop()


def _one_at_a_time(progress: Progress) -> Progress:
    turn = threading.Lock()

    def say(line: str) -> None:
        with turn:
            progress(line)

    return say
