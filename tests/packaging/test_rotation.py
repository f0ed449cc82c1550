"""Passwords are rotated under warm functions, and every connection is cut: they go on by
themselves, with the logins that they then find in Secrets Manager."""

import json
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import redis

from dueline.http_api.instants import rfc_3339
from dueline.secrets import ASK_AGAIN_SECONDS
from dueline.task_store.connection import open_connection
from dueline.task_store.postgres_url import PostgresUrl
from local.services.rabbitmq import RabbitmqServer
from local.services.start import Services
from tests.eventually import eventually
from tests.packaging.aws_server import Aws, aws_server
from tests.packaging.bare_python import Python
from tests.packaging.journey import Entry, Environments
from tests.packaging.lambda_events import post_schedule
from tests.packaging.secrets_manager import Secrets

pytestmark = [pytest.mark.postgres, pytest.mark.redis, pytest.mark.rabbitmq]

USER = "rotated"
END_SESSIONS = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = :user"
WITHIN = timedelta(seconds=ASK_AGAIN_SECONDS + 10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Logins:
    """The same user in each of the servers."""

    services: Services

    def make(self, password: str) -> dict[str, str]:
        """Make the user; settings whose URLs have its login."""
        self._sql(f"CREATE ROLE {USER} LOGIN PASSWORD '{password}' IN ROLE dueline")
        with self._redis() as client:
            client.execute_command(
                "ACL", "SETUSER", USER, "on", f">{password}", "~*", "&*", "+@all"
            )
        self._broker.ctl("add_user", USER, password)
        self._broker.ctl("set_permissions", USER, ".*", ".*", ".*")
        return {
            "DUELINE_ACCESS": "open",
            "DUELINE_POSTGRES_URL": self._as_user(self.services.postgres.service.url, password),
            "DUELINE_REDIS_URL": self._as_user(self.services.redis.service.url, password),
            "DUELINE_WORK_QUEUE_URL": self._as_user(self._broker.service.url, password),
        }

    def change(self, password: str) -> None:
        """Take the new password alone, and cut the connections that came by the old one."""
        self._sql(f"ALTER ROLE {USER} PASSWORD '{password}'")
        self._sql(END_SESSIONS, user=USER)
        with self._redis() as client:
            client.execute_command("ACL", "SETUSER", USER, "resetpass", f">{password}")
            client.execute_command("CLIENT", "KILL", "USER", USER)
        self._broker.ctl("change_password", USER, password)
        self._broker.ctl("close_all_user_connections", USER, "rotated")

    def remove(self) -> None:
        self._sql(f"DROP ROLE {USER}")
        with self._redis() as client:
            client.execute_command("ACL", "DELUSER", USER)
        self._broker.ctl("delete_user", USER)

    @property
    def _broker(self) -> RabbitmqServer:
        assert isinstance(self.services.rabbitmq, RabbitmqServer)
        return self.services.rabbitmq

    def _redis(self) -> redis.Redis:
        return redis.Redis.from_url(self.services.redis.service.url)

    def _sql(self, statement: str, **values: str) -> None:
        connection = open_connection(PostgresUrl.parse(self.services.postgres.service.url))
        try:
            connection.run(statement, **values)
        finally:
            connection.close()

    def _as_user(self, url: str, password: str) -> str:
        parts = urlsplit(url)
        return parts._replace(netloc=f"{USER}:{password}@{parts.hostname}:{parts.port}").geturl()


@pytest.fixture
def logins(services: Services) -> Iterator[Logins]:
    made = Logins(services=services)
    yield made
    made.remove()


@pytest.fixture
def aws() -> Iterator[Aws]:
    with aws_server() as server:
        yield server


@pytest.fixture
def secrets(aws: Aws) -> Iterator[Secrets]:
    with closing(Secrets(aws)) as made:
        yield made


def test_warm_functions_find_the_new_login_by_themselves(
    python: Python,
    task_root: Path,
    secrets: Secrets,
    logins: Logins,
    environment: Mapping[str, str],
) -> None:
    settings = secrets.keep_logins_of(logins.make("old"))
    entries = {
        "schedule": Entry(task_root=task_root, handler="functions.schedule.app.app"),
        "tick": Entry(task_root=task_root, handler="functions.tick.app.handle"),
        "execute": Entry(task_root=task_root, handler="functions.execute.app.handle"),
    }
    broker = environment["DUELINE_WORK_QUEUE_URL"]

    with Environments(python, entries, settings, broker_url=broker) as functions:
        functions.schedule(payload="old")
        functions.tick()
        functions.execute()

        logins.change("new")
        secrets.change(USER, "new")

        task_id = eventually(lambda: scheduled(functions), within=WITHIN)
        eventually(lambda: functions.tick()["sent"], within=WITHIN)
        batch = functions.batch()
        eventually(lambda: executed(functions, batch), within=WITHIN)
        assert functions.read(task_id)["result"] == "new"


def scheduled(functions: Environments) -> str | None:
    """The id of a new task, None while the answer is 503."""
    task = {"type": "echo", "payload": "new", "execute_at": rfc_3339(datetime.now(UTC))}
    answer = functions.invoke("schedule", post_schedule(task)).payload
    assert answer["statusCode"] in (201, 503)
    task_id: str | None = json.loads(answer["body"]).get("task_id")
    return task_id


def executed(functions: Environments, batch: object) -> bool:
    """Whether a batch was worked on; after an error Lambda brings it again."""
    answer = functions.processes["execute"].invoke(batch)
    return answer.error is None and answer.payload["completed"] > 0
