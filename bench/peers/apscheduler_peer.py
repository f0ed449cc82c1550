"""APScheduler on Redis: scheduler and its ten threads are in the process that accepts the tasks."""

import os
from collections.abc import Sequence
from datetime import UTC, datetime
from urllib.parse import urlsplit

import peer
from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.jobstores.redis import RedisJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from record import payload, record

server = urlsplit(os.environ["BENCH_REDIS"])
scheduler = BackgroundScheduler(
    timezone="UTC",
    jobstores={
        "default": RedisJobStore(host=server.hostname, port=server.port, password=server.password)
    },
    executors={"default": ThreadPoolExecutor(10)},
    job_defaults={"misfire_grace_time": None, "max_instances": 1_000_000},
)


def run(task: dict[str, str]) -> None:
    record(task)


def add(dues: Sequence[float]) -> None:
    scheduler.start()
    for due in dues:
        scheduler.add_job(
            "apscheduler_peer:run",
            "date",
            (payload(due),),
            run_date=datetime.fromtimestamp(due, UTC),
        )


if __name__ == "__main__":
    peer.main(add=add, stays=True)
