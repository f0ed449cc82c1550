"""Between two events a function is frozen, and meanwhile the servers end its connections.

Lambda may freeze an environment for minutes or hours. How long makes no difference to what it
wakes up to, so the wait is left out: the process is stopped, every connection is cut from the
server's side, and the next event must go well within a second.
"""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import redis

from dueline.task_store.connection import open_connection
from dueline.task_store.postgres_url import PostgresUrl
from local.services.rabbitmq import RabbitmqServer
from local.services.start import Services
from tests.packaging.bare_python import Python
from tests.packaging.journey import Entry, Environments
from tests.packaging.lambda_events import every_minute

pytestmark = [pytest.mark.postgres, pytest.mark.redis, pytest.mark.rabbitmq]

SOON = timedelta(seconds=1)
STOP_MARGIN = timedelta(seconds=2)  # usecases/run_tick.py: what a tick leaves of its time


@pytest.fixture
def functions(
    python: Python, task_root: Path, environment: Mapping[str, str]
) -> Iterator[Environments]:
    """All three, warm: each has handled an event and holds its connections."""
    entries = {
        "schedule": Entry(task_root=task_root, handler="functions.schedule.app.app"),
        "tick": Entry(task_root=task_root, handler="functions.tick.app.handle"),
        "execute": Entry(task_root=task_root, handler="functions.execute.app.handle"),
    }
    broker = environment["DUELINE_WORK_QUEUE_URL"]
    with Environments(python, entries, environment, broker_url=broker) as running:
        running.schedule(payload="before")
        running.tick()
        running.execute()
        yield running


@pytest.fixture
def cut_connections(services: Services) -> Callable[[], None]:
    """Ends every connection of the functions, from the servers' side."""
    assert isinstance(services.rabbitmq, RabbitmqServer)
    broker = services.rabbitmq

    def cut() -> None:
        assert terminate_backends(services.postgres.service.url) > 0
        with redis.Redis.from_url(services.redis.service.url, client_name="test") as client:
            assert client.client_kill_filter(_type="normal", skipme=True) > 0
            client.client_kill_filter(_type="pubsub")
        broker.ctl("close_all_connections", "test")

    return cut


def terminate_backends(url: str) -> int:
    """End the functions' sessions; how many they were."""
    connection = open_connection(PostgresUrl.parse(url))
    try:
        ended = connection.run(
            "SELECT pg_terminate_backend(pid, 1000) FROM pg_stat_activity "
            "WHERE application_name = 'dueline' AND pid <> pg_backend_pid()"
        )
        return len(ended or [])
    finally:
        connection.close()


def test_the_event_after_a_freeze_succeeds_within_a_second(
    functions: Environments, cut_connections: Callable[[], None]
) -> None:
    functions.freeze()
    cut_connections()
    functions.thaw()

    begin = datetime.now(UTC)
    task_id = functions.schedule(payload="after", after=timedelta(0))
    scheduled = datetime.now(UTC) - begin
    ticked = functions.invoke("tick", every_minute(), within=SOON + STOP_MARGIN)
    begin = datetime.now(UTC)
    executed = functions.execute()
    took = datetime.now(UTC) - begin

    assert scheduled < SOON
    assert (ticked.payload["sent"], ticked.payload["degraded_passes"]) == (1, 0)
    assert executed["completed"] == 1
    assert took < SOON
    assert functions.read(task_id)["result"] == "after"
