"""What every rate limiter promises. The bucket of the one in Redis runs on Redis' own clock."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
import redis

from dueline.domain.errors import BackendUnavailable
from dueline.rate_limiter.interface import RateLimiter
from dueline.rate_limiter.memory import MemoryRateLimiter
from dueline.rate_limiter.redis import RedisRateLimiter
from local.services.server import Server
from tests.conformance.queue_fixtures import redis_server
from tests.eventually import eventually

__all__ = ["redis_server"]


@pytest.fixture
def redis_url(redis_server: Server) -> str:
    """A private server, with nothing in it."""
    url = redis_server.service.url
    redis.Redis.from_url(url).flushall()
    return url


@pytest.fixture(params=["memory", pytest.param("redis", marks=pytest.mark.redis)])
def limiter(request: pytest.FixtureRequest) -> Iterator[RateLimiter]:
    if request.param == "memory":
        yield MemoryRateLimiter(lambda: datetime.now(UTC))
        return
    limiter = RedisRateLimiter(request.getfixturevalue("redis_url"))
    yield limiter
    limiter.close()


def test_a_full_bucket_lets_a_burst_through_and_no_more(limiter: RateLimiter) -> None:
    answers = [limiter.take("acme", rate=0.001, burst=3) for _ in range(5)]

    assert [answer.admitted for answer in answers] == [True, True, True, False, False]
    assert [answer.remaining for answer in answers] == [2, 1, 0, 0, 0]
    assert answers[0].next_in == timedelta(0)
    assert timedelta(seconds=990) < answers[4].next_in <= timedelta(seconds=1000)
    assert timedelta(seconds=2990) < answers[4].full_in <= timedelta(seconds=3000)


def test_every_name_has_a_bucket_of_its_own(limiter: RateLimiter) -> None:
    assert limiter.take("acme", rate=0.001, burst=1).admitted
    assert limiter.take("zebra", rate=0.001, burst=1).admitted
    assert not limiter.take("acme", rate=0.001, burst=1).admitted


def test_a_bucket_fills_at_its_rate(limiter: RateLimiter) -> None:
    assert limiter.take("acme", rate=20, burst=1).admitted

    eventually(lambda: limiter.take("acme", rate=20, burst=1).admitted)


def test_a_bucket_never_holds_more_than_its_burst(limiter: RateLimiter) -> None:
    limiter.take("acme", rate=1000, burst=2)
    eventually(lambda: limiter.take("acme", rate=1000, burst=2).remaining == 1)

    answers = [limiter.take("acme", rate=0.001, burst=2).admitted for _ in range(3)]

    assert answers.count(True) <= 2


def test_limits_that_change_apply_at_once(limiter: RateLimiter) -> None:
    for _ in range(5):
        limiter.take("acme", rate=0.001, burst=10)

    assert limiter.take("acme", rate=0.001, burst=2).remaining == 1


@pytest.mark.redis
def test_a_full_bucket_is_forgotten(redis_url: str) -> None:
    client = redis.Redis.from_url(redis_url)
    limiter = RedisRateLimiter(redis_url)

    limiter.take("acme", rate=20, burst=1)

    assert client.dbsize() == 1
    eventually(lambda: client.dbsize() == 0)
    limiter.close()


def test_a_redis_that_is_down_is_asked_once_in_a_while_only() -> None:
    limiter = RedisRateLimiter("redis://127.0.0.1:1")

    with pytest.raises(BackendUnavailable, match="redis"):
        limiter.take("acme", rate=1, burst=1)
    with pytest.raises(BackendUnavailable, match="a moment ago"):
        limiter.take("acme", rate=1, burst=1)
