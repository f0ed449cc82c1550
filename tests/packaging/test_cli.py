"""dueline db apply and dueline queues apply, as an operator runs them."""

from collections.abc import Mapping

import pytest

from dueline.config import masked
from dueline.domain.lanes import LaneMap
from dueline.task_store.postgres import PostgresTaskStore
from dueline.work_queue.rabbitmq import RabbitWorkQueue
from tests.packaging.conftest import dueline, dueline_run

NOWHERE = {
    "DUELINE_POSTGRES_URL": "postgresql://dueline:hunter2@127.0.0.1:1/dueline",
    "DUELINE_REDIS_URL": "redis://127.0.0.1:1",
    "DUELINE_WORK_QUEUE_URL": "amqp://dueline:hunter2@127.0.0.1:1",
}


@pytest.mark.postgres
def test_the_schema_can_be_applied_again(environment: Mapping[str, str]) -> None:
    said = dueline("db", "apply", environment=environment)

    assert said == f"schema.sql is applied to {masked(environment['DUELINE_POSTGRES_URL'])}\n"
    store = PostgresTaskStore(environment["DUELINE_POSTGRES_URL"])
    store.ping()
    store.close()


@pytest.mark.rabbitmq
def test_the_queues_of_all_lanes_can_be_declared_again(environment: Mapping[str, str]) -> None:
    queues = {**environment, "DUELINE_QUEUES": "default=2,mail=1"}

    dueline("queues", "apply", environment=queues)
    said = dueline("queues", "apply", environment=queues)

    assert said.splitlines() == [
        f"lane {name} has its queue" for name in ("default.0", "default.1", "mail.0")
    ]
    queue = RabbitWorkQueue(environment["DUELINE_WORK_QUEUE_URL"])
    depths = [queue.depth(lane) for lane in LaneMap({"default": 2, "mail": 1}).all()]
    queue.close()
    assert depths == [0, 0, 0]


@pytest.mark.parametrize("words", [("db", "apply"), ("queues", "apply")])
def test_a_server_out_of_reach_is_one_line_without_the_password(words: tuple[str, str]) -> None:
    done = dueline_run(*words, environment=NOWHERE)

    assert done.returncode == 7
    assert done.stderr.startswith("Error: ")
    assert len(done.stderr.splitlines()) == 1
    assert "hunter2" not in done.stderr


def test_a_setting_that_is_missing_is_named() -> None:
    done = dueline_run("db", "apply", environment={})

    assert (done.returncode, done.stdout) == (1, "")
    assert "DUELINE_POSTGRES_URL" in done.stderr
