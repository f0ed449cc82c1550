"""The Redis client of the Streams work queue, and what both of its sides need of it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from dueline.domain.errors import BackendUnavailable
from dueline.domain.lanes import Lane
from dueline.work_queue.topology import STREAM_GROUP, stream_key

CHECK_AFTER_SECONDS = 30  # a connection idle for longer is pinged before it is used


def open_client(url: str, *, name: str, answer_within: timedelta) -> redis.Redis:
    """A client that waits `answer_within` for an answer and repeats nothing by itself."""
    seconds = answer_within.total_seconds()
    client: redis.Redis = redis.Redis.from_url(
        url,
        protocol=2,
        client_name=name,
        socket_connect_timeout=seconds,
        socket_timeout=seconds,
        socket_keepalive=True,
        health_check_interval=CHECK_AFTER_SECONDS,
        retry=Retry(NoBackoff(), 0),
    )
    return client


@contextmanager
def redis_errors() -> Iterator[None]:
    """Turn redis-py's errors into ours."""
    try:
        yield
    except redis.RedisError as error:
        raise BackendUnavailable("redis", str(error)) from error


def make_group(client: redis.Redis, lane: Lane) -> None:
    """The lane's stream and its consumer group, which begins at the first entry ever."""
    try:
        client.xgroup_create(stream_key(lane), STREAM_GROUP, id="0", mkstream=True)
    except redis.ResponseError as error:
        if not str(error).startswith("BUSYGROUP"):  # it is there already
            raise
