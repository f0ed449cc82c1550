"""Picks the real adapters. Each is made once per process, when it is first asked for.

The imports are inside the functions: a cold start pays only for the drivers it uses.
"""

import logging
import os
from collections.abc import Callable, Mapping
from functools import cache
from typing import TypeVar, cast

from dueline.clock import Clock, ServerClock
from dueline.config import Settings
from dueline.due_buffer.interface import DueBuffer
from dueline.handler import Handler, load_handlers
from dueline.renewable import Renewable
from dueline.secrets import Login
from dueline.task_store.interface import TaskStore
from dueline.work_queue.interface import Published, WorkQueue

T = TypeVar("T")


@cache
def settings() -> Settings:
    """The settings of this process; also sets the level of dueline's log."""
    logging.getLogger("dueline").setLevel(os.environ.get("DUELINE_LOG_LEVEL", "INFO"))
    return Settings.from_env(os.environ)


def postgres_url() -> str:
    """The URL of PostgreSQL with its login in it: not to be shown."""
    url, secret = settings().postgres_url, settings().postgres_secret
    return Login(url, secret).url() if secret else url


@cache
def task_store() -> TaskStore:
    from dueline.task_store.postgres import PostgresTaskStore

    return _made(PostgresTaskStore, settings().postgres_url, settings().postgres_secret)


@cache
def due_buffer() -> DueBuffer:
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


def _made(adapter: Callable[[str], T], url: str, secret: str) -> T:
    """The adapter for a URL; one that follows the changes of its login, if that is a secret."""
    if not secret:
        return adapter(url)
    return cast("T", Renewable(adapter, Login(url, secret), failed=_unpublished))


def _unpublished(answer: object) -> bool:
    return isinstance(answer, list) and Published.UNKNOWN in answer
