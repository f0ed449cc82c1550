"""Other schedulers, each one small program that runs in an environment of its own."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Peer:
    """A scheduler to compare with."""

    name: str
    program: str  # a file of this folder: .py runs in a virtual environment, .cjs under Node
    packages: tuple[str, ...]  # from PyPI or npm
    parts: tuple[str, ...] = ("work",)  # its processes, by their command
    bulk: bool = False  # has a call that accepts many
    recorded: str = ""  # SQL that tells whether all is recorded, for those with durable states
    quickest_accept: float  # about how many tasks a second it takes in
    environment: Mapping[str, str] = field(default_factory=dict)


CELERY = ("celery==5.7.0", "redis", "hiredis", "packaging")
DRAMATIQ = ("dramatiq[rabbitmq,redis]==2.2.1",)
PEERS = (
    Peer(
        name="graphile-worker",
        program="graphile_peer.cjs",
        packages=("graphile-worker@0.17.3",),
        bulk=True,
        recorded="SELECT NOT EXISTS (SELECT FROM graphile_worker.jobs)",
        quickest_accept=8_000,
    ),
    Peer(
        name="BullMQ",
        program="bullmq_peer.cjs",
        packages=("bullmq@6.7.0", "ioredis@5"),
        bulk=True,
        quickest_accept=5_000,
    ),
    Peer(
        name="seed's loop",
        program="seed_peer.cjs",
        packages=("pg@8", "ioredis@5", "amqplib@0.10"),
        parts=("schedule", "work"),
        recorded="SELECT NOT EXISTS (SELECT FROM tasks WHERE status <> 'COMPLETED')",
        quickest_accept=700,
    ),
    Peer(
        name="APScheduler / Redis",
        program="apscheduler_peer.py",
        packages=("apscheduler==3.11.3", "redis"),
        parts=(),
        quickest_accept=1_500,
    ),
    Peer(
        name="Celery / RabbitMQ",
        program="celery_peer.py",
        packages=CELERY,
        quickest_accept=1_500,
        environment={"BENCH_BROKER": "BENCH_AMQP"},
    ),
    Peer(
        name="Celery / Redis",
        program="celery_peer.py",
        packages=CELERY,
        quickest_accept=1_000,
        environment={"BENCH_BROKER": "BENCH_REDIS"},
    ),
    Peer(
        name="Dramatiq / RabbitMQ",
        program="dramatiq_peer.py",
        packages=DRAMATIQ,
        quickest_accept=3_000,
        environment={"BENCH_BROKER": "BENCH_AMQP"},
    ),
    Peer(
        name="Dramatiq / Redis",
        program="dramatiq_peer.py",
        packages=DRAMATIQ,
        quickest_accept=2_000,
        environment={"BENCH_BROKER": "BENCH_REDIS"},
    ),
    Peer(
        name="Huey",
        program="huey_peer.py",
        packages=("huey==3.5.4", "redis"),
        quickest_accept=4_000,
    ),
    Peer(
        name="RQ",
        program="rq_peer.py",
        packages=("rq==2.12.0",),
        quickest_accept=1_000,
    ),
    Peer(
        name="Procrastinate",
        program="procrastinate_peer.py",
        packages=("procrastinate==3.10.0", "psycopg[binary,pool]==3.3.9"),
        bulk=True,
        recorded="SELECT NOT EXISTS (SELECT FROM procrastinate_jobs)",
        quickest_accept=250,
    ),
)
