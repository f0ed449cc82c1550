"""What `dueline doctor` asks of the server behind a due buffer."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import redis

from dueline.domain.errors import BackendUnavailable


@dataclass(frozen=True, slots=True, kw_only=True)
class RedisFacts:
    """One Redis, or Valkey."""

    version: str
    maxmemory_policy: str  # "" where the server does not say
    time: datetime


def redis_facts(url: str, *, answer_within: timedelta = timedelta(seconds=2)) -> RedisFacts:
    """Raises BackendUnavailable("redis")."""
    seconds = answer_within.total_seconds()
    client = redis.Redis.from_url(
        url,
        protocol=2,
        decode_responses=True,
        socket_connect_timeout=seconds,
        socket_timeout=seconds,
    )
    try:
        server, memory = client.info("server"), client.info("memory")
        second, microsecond = client.time()
    except redis.RedisError as error:
        raise BackendUnavailable("redis", str(error)) from error
    finally:
        client.close()
    return RedisFacts(
        version=str(server.get("valkey_version") or server["redis_version"]),
        maxmemory_policy=str(memory.get("maxmemory_policy", "")),
        time=datetime.fromtimestamp(second, UTC) + timedelta(microseconds=microsecond),
    )
