"""Celery: results off, its default pool of one process per core. BENCH_BROKER chooses the store."""

import os
from collections.abc import Sequence
from datetime import UTC, datetime

import peer
from celery import Celery
from record import payload, record

app = Celery(broker=os.environ[os.environ["BENCH_BROKER"]])
app.conf.update(
    task_ignore_result=True,
    task_default_queue=os.environ["BENCH_QUEUE"],
    broker_connection_retry_on_startup=True,
    worker_hijack_root_logger=False,
)


@app.task(name="record")
def run(task: dict[str, str]) -> None:
    record(task)


def add(dues: Sequence[float]) -> None:
    for due in dues:
        run.apply_async((payload(due),), eta=datetime.fromtimestamp(due, UTC))


def work() -> None:
    app.worker_main(
        ["worker", "--loglevel=ERROR", "--without-gossip", "--without-mingle", "--concurrency=2"]
    )


if __name__ == "__main__":
    peer.main(add=add, work=work)
