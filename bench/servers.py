"""The private servers of a benchmark, and what is kept in them."""

import os
import secrets
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import redis
from pg8000 import native

from local.services.model import Progress
from local.services.start import start_services


@dataclass(frozen=True, slots=True, kw_only=True)
class Servers:
    """PostgreSQL, Redis and RabbitMQ as their own defaults and local/services set them up."""

    postgres_url: str
    redis_url: str
    amqp_url: str
    versions: Mapping[str, str]
    pids: frozenset[int]

    def database(self) -> str:
        """The URL of a new, empty database."""
        name = f"bench_{secrets.token_hex(4)}"
        with postgres(self.postgres_url) as connection:
            connection.run(f"CREATE DATABASE {name}")
        return urlsplit(self.postgres_url)._replace(path=f"/{name}").geturl()

    def drop(self, url: str) -> None:
        """Drop a database that `database` made."""
        with postgres(self.postgres_url) as connection:
            connection.run(f"DROP DATABASE {urlsplit(url).path[1:]} WITH (FORCE)")
            connection.run("CHECKPOINT")

    def flush(self) -> None:
        """Empty Redis."""
        with redis.Redis.from_url(self.redis_url) as client:
            client.flushall()

    def redis_bytes(self) -> int:
        """What Redis has allocated."""
        with redis.Redis.from_url(self.redis_url) as client:
            return int(client.info("memory")["used_memory"])


@contextmanager
def running(data: Path, cache: Path, say: Progress) -> Iterator[Servers]:
    """All three, private, until the block ends. No DUELINE_* variable adopts another's."""
    environ = {name: value for name, value in os.environ.items() if "DUELINE" not in name}
    with start_services(data, environ=environ, progress=say, cache=cache) as services:
        if services.rabbitmq is None:
            raise SystemExit(f"the benchmarks need RabbitMQ: {services.no_rabbitmq}")
        yield Servers(
            postgres_url=services.postgres.service.url,
            redis_url=services.redis.service.url,
            amqp_url=services.rabbitmq.service.url,
            versions={each.name: each.version for each in services.all()},
            pids=frozenset(each.pid for each in services.all() if each.pid),
        )


@contextmanager
def postgres(url: str) -> Iterator[native.Connection]:
    """A connection for statements of the benchmark's own, each committed by itself."""
    parts = urlsplit(url)
    connection = native.Connection(
        parts.username or "",
        password=parts.password,
        host=parts.hostname or "",
        port=parts.port or 0,
        database=parts.path[1:],
    )
    try:
        yield connection
    finally:
        connection.close()
