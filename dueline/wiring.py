"""Picks the real adapters. Each is made once per process, when it is first asked for.

The imports are inside the functions: a cold start pays only for the drivers it uses.
"""

import logging
import os
from collections.abc import Callable, Mapping
from functools import cache
from typing import TYPE_CHECKING, TypeVar, cast

from dueline.clock import Clock, ServerClock
from dueline.config import Settings
from dueline.due_buffer.interface import DueBuffer
from dueline.handler import Handler, load_handlers
from dueline.renewable import Renewable
from dueline.secrets import Login
from dueline.stats_store.interface import StatsStore
from dueline.task_store.interface import TaskStore
from dueline.when_used import WhenUsed
from dueline.work_queue.interface import Published, WorkQueue

if TYPE_CHECKING:
    from dueline.key_store.interface import KeyStore, Recognising
    from dueline.rate_limiter.interface import RateLimiter
    from dueline.schedule_store.interface import ScheduleStore
    from dueline.task_store.connection import Connection

T = TypeVar("T")


@cache
def settings() -> Settings:
    """The settings of this process; also sets the level of dueline's log."""
    logging.getLogger("dueline").setLevel(os.environ.get("DUELINE_LOG_LEVEL", "INFO"))
    return Settings.from_env(os.environ)


def postgres_url() -> str:
    """The URL of PostgreSQL with its login in it: not to be shown."""
    return _complete(settings().postgres_url, settings().postgres_secret)


def redis_url() -> str:
    """As postgres_url()."""
    return _complete(settings().redis_url, settings().redis_secret)


def work_queue_url() -> str:
    """As postgres_url()."""
    return _complete(settings().work_queue_url, settings().work_queue_secret)


@cache
def postgres() -> "Connection":
    """The connection of this process that every store uses."""
    return _connection()


def _connection() -> "Connection":
    from dueline.task_store.connection import Connection

    return _made(Connection, settings().postgres_url, settings().postgres_secret)


@cache
def task_store() -> TaskStore:
    """In `execute` it opens a second connection, to record what has ended while it claims more.

    Claims are not repeated when their connection breaks, so they go over the first one: that has
    been tried by the look at the server's clock which every invocation begins with.
    """
    from dueline.task_store.postgres import PostgresTaskStore

    return PostgresTaskStore(postgres(), recording=_connection())


@cache
def schedule_store() -> "ScheduleStore":
    from dueline.schedule_store.postgres import PostgresScheduleStore

    return PostgresScheduleStore(postgres())


@cache
def stats_store() -> StatsStore:
    from dueline.stats_store.postgres import PostgresStatsStore

    return PostgresStatsStore(postgres())


@cache
def key_store() -> "KeyStore":
    from dueline.key_store.postgres import PostgresKeyStore

    return PostgresKeyStore(postgres())


@cache
def keys() -> "Recognising":
    """The key store as requests ask it: what it said is good for half a minute."""
    from dueline.key_store.cached import CachedKeys

    return CachedKeys(key_store())


@cache
def rate_limiter() -> "RateLimiter":
    from dueline.rate_limiter.redis import RedisRateLimiter

    return _made(RedisRateLimiter, settings().redis_url, settings().redis_secret)


@cache
def due_buffer() -> DueBuffer:
    """Made when it is first used: its driver takes 90 ms to import, and `execute` needs it for
    retries alone, `schedule` for what is due soon."""
    return cast("DueBuffer", WhenUsed(_due_buffer))


def _due_buffer() -> DueBuffer:
    from dueline.due_buffer.redis import RedisDueBuffer

    return _made(RedisDueBuffer, settings().redis_url, settings().redis_secret)


@cache
def work_queue() -> WorkQueue:
    url, secret = settings().work_queue_url, settings().work_queue_secret
    return _made(work_queue_adapter(url), url, secret)


def work_queue_adapter(url: str) -> Callable[[str], WorkQueue]:
    """Makes the work queue that a URL of this scheme stands for."""
    if url.startswith("redis"):
        from dueline.work_queue.redis_streams import RedisStreamsWorkQueue

        return RedisStreamsWorkQueue
    from dueline.work_queue.rabbitmq import RabbitWorkQueue

    return RabbitWorkQueue


@cache
def clock() -> Clock:
    return ServerClock(task_store().server_time)


@cache
def handlers() -> Mapping[str, Handler]:
    return load_handlers(settings().handler_modules)


def _complete(url: str, secret: str) -> str:
    return Login(url, secret).url() if secret else url


def _made(adapter: Callable[[str], T], url: str, secret: str) -> T:
    """The adapter for a URL; one that follows the changes of its login, if that is a secret."""
    if not secret:
        return adapter(url)
    return cast("T", Renewable(adapter, Login(url, secret), failed=_unpublished))


def _unpublished(answer: object) -> bool:
    return isinstance(answer, list) and Published.UNKNOWN in answer
