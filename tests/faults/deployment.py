"""The servers, the proxies before them, and the functions that reach them through these."""

import os
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, TextIO

import pika
import redis

from dueline.domain.lanes import Lane
from dueline.due_buffer import keys
from dueline.task_store.schema import apply_schema
from dueline.work_queue.topology import queue_name
from local.harness import Harness
from local.options import Options
from local.services.model import Progress, Unavailable
from local.services.rabbitmq import RabbitmqServer
from local.services.server import Server
from local.services.start import Services, start_services
from tests.faults.armed_services import LONGEST_WAIT, PUBLISH_DEADLINE
from tests.faults.client import Client
from tests.faults.database import Database
from tests.faults.kill_points import FOLDER, Arming
from tests.faults.ledger import FILE, Ledger
from tests.faults.proxy import Proxy

HERE = Path(__file__).parent
CACHE = HERE.parents[1] / ".dueline" / "cache"  # the downloads of `make run-local`
LANE = Lane("default", 0, 1)
URLS = {
    "postgres": "DUELINE_POSTGRES_URL",
    "redis": "DUELINE_REDIS_URL",
    "rabbitmq": "DUELINE_WORK_QUEUE_URL",
}
# Repair in a second or two instead of a minute: the same code, other bounds.
FAST = {
    "DUELINE_HORIZON_SECONDS": "2",
    "DUELINE_OVERDUE_GRACE_SECONDS": "0.4",
    "DUELINE_UNCLAIMED_AFTER_SECONDS": "0.8",
    "DUELINE_IN_FLIGHT_LEASE_SECONDS": "1.2",
    "DUELINE_LEASE_SECONDS": "1.2",
    LONGEST_WAIT: "0.2",
    PUBLISH_DEADLINE: "0.8",
}
FAST_TICK = timedelta(seconds=1)  # so that a tick that was killed is replaced soon


class Servers:
    """Private servers and a proxy before each."""

    def __init__(self, services: Services) -> None:
        if not isinstance(services.rabbitmq, RabbitmqServer):
            raise Unavailable(f"faults of RabbitMQ need one: {services.no_rabbitmq}")
        self.rabbitmq = services.rabbitmq
        self.by_name: dict[str, Server] = {
            "postgres": services.postgres,
            "redis": services.redis,
            "rabbitmq": services.rabbitmq,
        }
        self.proxies = {name: Proxy(each.service.url) for name, each in self.by_name.items()}

    def close(self) -> None:
        for proxy in self.proxies.values():
            proxy.close()

    def url(self, name: str) -> str:
        return self.by_name[name].service.url

    def redis(self) -> redis.Redis:
        """A client for what only tests do to a server."""
        return redis.Redis.from_url(self.url("redis"), decode_responses=True)

    @contextmanager
    def broker(self) -> Iterator[Any]:
        """A channel for what only tests do to a broker."""
        connection = pika.BlockingConnection(pika.URLParameters(self.url("rabbitmq")))
        try:
            yield connection.channel()
        finally:
            connection.close()

    def heal(self) -> None:
        for proxy in self.proxies.values():
            proxy.heal()


@contextmanager
def private_servers(data: Path, *, say: Progress) -> Iterator[Servers]:
    """Servers that are ours to kill, whatever the environment offers. Raises Unavailable."""
    environ = {name: value for name, value in os.environ.items() if name not in URLS.values()}
    with ExitStack() as stack:
        services = stack.enter_context(
            start_services(data, environ=environ, progress=say, cache=CACHE)
        )
        servers = Servers(services)
        stack.callback(servers.close)
        yield servers


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """A local run over the servers, with functions that can be made to die."""

    servers: Servers
    harness: Harness
    database: Database
    ledger: Ledger
    arming: Arming
    folder: Path

    def client(self, name: str = "client") -> Client:
        """One that writes into a file of its own."""
        return Client(self.harness.url, self.folder / f"{name}.acknowledged")

    def processes(self, function: str) -> list[int]:
        """Process ids of the environments of `schedule`, `tick` or `execute`."""
        return [
            status.pid
            for status in self.harness.platform.environments()
            if status.pid and status.name.startswith(function)
        ]

    def left_over(self) -> int:
        """Ids in the due buffer, and messages in the lane's queue, delivered or not."""
        client = self.servers.redis()
        ids = sum(int(client.zcard(key(LANE))) for key in (keys.due, keys.in_flight))
        client.close()
        listed = self.servers.rabbitmq.ctl("list_queues", "--quiet", "name", "messages")
        counts = dict(line.split() for line in listed.splitlines())
        return ids + int(counts[queue_name(LANE)])

    def signal(self, function: str, number: int) -> None:
        """Send a signal to every process of a function."""
        for pid in self.processes(function):
            os.kill(pid, number)


@contextmanager
def deployed(
    servers: Servers,
    folder: Path,
    *,
    settings: Mapping[str, str],
    tick_every: timedelta = timedelta(minutes=1),
    by_proxy: bool = True,
) -> Iterator[Deployment]:
    """The functions over empty servers. `folder` gets the client's files, the ledger, the log."""
    folder.mkdir(parents=True)
    database = Database(servers.url("postgres"))
    _empty(servers, database)
    options = Options(
        data=folder / "run",
        port=0,
        environ=_environ(servers, folder, by_proxy=by_proxy) | dict(settings),
        tick_every=tick_every,
        functions=HERE / "functions",
    )
    with ExitStack() as stack:
        arming = Arming(folder / "armed")
        ledger = Ledger(folder / "ledger")
        stack.callback(ledger.close)
        log = stack.enter_context((folder / "log").open("w", buffering=1))
        harness = Harness(
            options,
            say=lambda line: _note(log, line),
            log=lambda function, line: _note(log, f"{function}: {line}"),
        )
        stack.enter_context(harness)
        yield Deployment(
            servers=servers,
            harness=harness,
            database=database,
            ledger=ledger,
            arming=arming,
            folder=folder,
        )


def _environ(servers: Servers, folder: Path, *, by_proxy: bool) -> dict[str, str]:
    """What the functions are told: which servers, which handlers, where to look for kill points."""
    urls = {
        variable: servers.proxies[name].url if by_proxy else servers.url(name)
        for name, variable in URLS.items()
    }
    return urls | {
        "DUELINE_HANDLERS": "tests.faults.handlers",
        FOLDER: str(folder / "armed"),
        FILE: str(folder / "ledger"),
        "SMTP_URL": "smtp://localhost",
    }


def _empty(servers: Servers, database: Database) -> None:
    """Nothing of an earlier deployment is left."""
    apply_schema(servers.url("postgres"))
    database.install_moves()
    database.run("TRUNCATE tasks, attempts, poison, schedules, fault_moves")
    client = servers.redis()
    client.flushall()
    client.close()
    with servers.broker() as channel:
        channel.queue_delete(queue_name(LANE))


def _note(log: TextIO, line: str) -> None:
    log.write(f"{line}\n")
