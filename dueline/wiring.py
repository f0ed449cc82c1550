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
from dueline.task_store.interface import TaskStore
from dueline.work_queue.interface import WorkQueue


@cache
def settings() -> Settings:
    """The settings of this process; also sets the level of dueline's log."""
    logging.getLogger("dueline").setLevel(os.environ.get("DUELINE_LOG_LEVEL", "INFO"))
    return Settings.from_env(os.environ)


@cache
def task_store() -> TaskStore:
    from dueline.task_store.postgres import PostgresTaskStore

    return PostgresTaskStore(settings().postgres_url)


@cache
def due_buffer() -> DueBuffer:
    from dueline.due_buffer.redis import RedisDueBuffer

    return RedisDueBuffer(settings().redis_url)


@cache
def work_queue() -> WorkQueue:
    if settings().work_queue_url.startswith("redis"):
        from dueline.work_queue.redis_streams import RedisStreamsWorkQueue

        return RedisStreamsWorkQueue(settings().work_queue_url)
    from dueline.work_queue.rabbitmq import RabbitMQWorkQueue

    return RabbitMQWorkQueue(settings().work_queue_url)


@cache
def clock() -> Clock:
    return ServerClock(task_store().server_time)


@cache
def handlers() -> Mapping[str, Handler]:
    return load_handlers(settings().handler_modules)
