"""Picks the real adapters. Each is made once per process, when it is first asked for.

The imports are inside the functions: a cold start pays only for the drivers it uses.
"""

import logging
import os
from collections.abc import Mapping
from functools import cache

from dueline.clock import Clock, ServerClock
from dueline.config import Settings
from dueline.due_buffer.interface import DueBuffer
from dueline.handler import Handler, load_handlers
from dueline.secrets import Login
from dueline.task_store.interface import TaskStore
from dueline.work_queue.interface import WorkQueue


@cache
def settings() -> Settings:
    """The settings of this process; also sets the level of dueline's log."""
    logging.getLogger("dueline").setLevel(os.environ.get("DUELINE_LOG_LEVEL", "INFO"))
    return Settings.from_env(os.environ)


def postgres_url() -> str:
    """The URL of PostgreSQL with its login in it: not to be shown."""
    return _whole(settings().postgres_url, settings().postgres_secret)


@cache
def task_store() -> TaskStore:
    from dueline.task_store.postgres import PostgresTaskStore

    return PostgresTaskStore(postgres_url())


@cache
def due_buffer() -> DueBuffer:
    from dueline.due_buffer.redis import RedisDueBuffer

    return RedisDueBuffer(_whole(settings().redis_url, settings().redis_secret))


@cache
def work_queue() -> WorkQueue:
    url = _whole(settings().work_queue_url, settings().work_queue_secret)
    if url.startswith("redis"):
        from dueline.work_queue.redis_streams import RedisStreamsWorkQueue

        return RedisStreamsWorkQueue(url)
    from dueline.work_queue.rabbitmq import RabbitWorkQueue

    return RabbitWorkQueue(url)


@cache
def clock() -> Clock:
    return ServerClock(task_store().server_time)


@cache
def handlers() -> Mapping[str, Handler]:
    return load_handlers(settings().handler_modules)


def _whole(url: str, secret: str) -> str:
    return Login(url, secret).url() if secret else url
