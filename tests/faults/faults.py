"""What can be made to go wrong, each as a context: wrong inside, mended at the end."""

import random
import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from functools import partial
from typing import NamedTuple

from dueline.task_store.connection import open_connection
from dueline.task_store.postgres_url import PostgresUrl
from dueline.work_queue.topology import queue_name
from tests.faults.deployment import LANE, Deployment

SERVERS = ("postgres", "redis", "rabbitmq")
LONGER_THAN_A_LEASE_SECONDS = 1.5
Happening = Callable[[Deployment, random.Random], AbstractContextManager[None]]


class ServerFault(NamedTuple):
    """One thing that happens to a server, or between it and the functions."""

    name: str
    happen: Happening


@contextmanager
def killed(server: str, deployment: Deployment, _: random.Random) -> Iterator[None]:
    target = deployment.servers.by_name[server]
    target.kill()
    try:
        yield
    finally:
        target.restart()


@contextmanager
def frozen(server: str, deployment: Deployment, _: random.Random) -> Iterator[None]:
    target = deployment.servers.by_name[server]
    target.kill(signal.SIGSTOP)
    try:
        yield
    finally:
        target.kill(signal.SIGCONT)


@contextmanager
def restarted(server: str, deployment: Deployment, _: random.Random) -> Iterator[None]:
    deployment.servers.by_name[server].restart()
    yield


@contextmanager
def delayed(server: str, deployment: Deployment, random_: random.Random) -> Iterator[None]:
    proxy = deployment.servers.proxies[server]
    proxy.delay(random_.uniform(0.02, 0.4))
    try:
        yield
    finally:
        proxy.heal()


@contextmanager
def partitioned(server: str, deployment: Deployment, _: random.Random) -> Iterator[None]:
    proxy = deployment.servers.proxies[server]
    proxy.hold()
    try:
        yield
    finally:
        proxy.heal()


@contextmanager
def refused(server: str, deployment: Deployment, _: random.Random) -> Iterator[None]:
    proxy = deployment.servers.proxies[server]
    proxy.refuse()
    try:
        yield
    finally:
        proxy.heal()


@contextmanager
def cut(server: str, deployment: Deployment, _: random.Random) -> Iterator[None]:
    deployment.servers.proxies[server].cut()
    yield


@contextmanager
def reset(server: str, deployment: Deployment, _: random.Random) -> Iterator[None]:
    deployment.servers.proxies[server].reset()
    yield


@contextmanager
def reply_dropped(server: str, deployment: Deployment, random_: random.Random) -> Iterator[None]:
    proxy = deployment.servers.proxies[server]
    for _ in range(random_.randint(1, 3)):
        proxy.drop_reply()
    try:
        yield
    finally:
        proxy.heal()


@contextmanager
def flushed(deployment: Deployment, _: random.Random) -> Iterator[None]:
    client = deployment.servers.redis()
    client.flushall()
    client.close()
    yield


@contextmanager
def purged(deployment: Deployment, _: random.Random) -> Iterator[None]:
    with deployment.servers.broker() as channel:
        channel.queue_purge(queue_name(LANE))
    yield


@contextmanager
def queue_deleted(deployment: Deployment, _: random.Random) -> Iterator[None]:
    with deployment.servers.broker() as channel:
        channel.queue_delete(queue_name(LANE))
    yield


@contextmanager
def memory_alarm(deployment: Deployment, _: random.Random) -> Iterator[None]:
    broker = deployment.servers.rabbitmq
    broker.ctl("set_vm_memory_high_watermark", "0.00001")
    try:
        yield
    finally:
        broker.ctl("set_vm_memory_high_watermark", "absolute", "512MB")


@contextmanager
def disk_alarm(deployment: Deployment, _: random.Random) -> Iterator[None]:
    broker = deployment.servers.rabbitmq
    broker.ctl("set_disk_free_limit", "1000000GB")
    try:
        yield
    finally:
        broker.ctl("set_disk_free_limit", "64MB")


@contextmanager
def backends_terminated(deployment: Deployment, _: random.Random) -> Iterator[None]:
    deployment.database.run(
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()"
    )
    yield


@contextmanager
def table_locked(deployment: Deployment, _: random.Random) -> Iterator[None]:
    connection = open_connection(PostgresUrl.parse(deployment.servers.url("postgres")))
    try:
        connection.run("BEGIN")
        connection.run("LOCK TABLE tasks IN ACCESS EXCLUSIVE MODE")
        yield
    finally:
        connection.close()


@contextmanager
def functions_frozen(deployment: Deployment, _: random.Random) -> Iterator[None]:
    """For longer than the lease of a campaign: who thaws holds an old fence."""
    for function in ("tick", "execute"):
        deployment.signal(function, signal.SIGSTOP)
    try:
        threading.Event().wait(LONGER_THAN_A_LEASE_SECONDS)
        yield
    finally:
        for function in ("tick", "execute"):
            deployment.signal(function, signal.SIGCONT)


_OF_EVERY_SERVER = (
    killed,
    frozen,
    restarted,
    delayed,
    partitioned,
    refused,
    cut,
    reset,
    reply_dropped,
)
FAULTS: tuple[ServerFault, ...] = (
    *(
        ServerFault(f"{server} {happen.__name__.replace('_', ' ')}", partial(happen, server))
        for server in SERVERS
        for happen in _OF_EVERY_SERVER
    ),
    ServerFault("redis flushed", flushed),
    ServerFault("rabbitmq queue purged", purged),
    ServerFault("rabbitmq queue deleted", queue_deleted),
    ServerFault("rabbitmq memory alarm", memory_alarm),
    ServerFault("rabbitmq disk alarm", disk_alarm),
    ServerFault("postgres backends terminated", backends_terminated),
    ServerFault("postgres table locked", table_locked),
    ServerFault("functions frozen", functions_frozen),
)
