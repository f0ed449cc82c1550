"""RQ: one SimpleWorker (which does not fork for each task) with its scheduler, results off."""

import os
from collections.abc import Sequence
from datetime import UTC, datetime

import peer
from record import payload, record
from redis import Redis
from rq import Queue, SimpleWorker

redis = Redis.from_url(os.environ["BENCH_REDIS"])
queue = Queue(os.environ["BENCH_QUEUE"], connection=redis)


def run(task: dict[str, str]) -> None:
    record(task)


def add(dues: Sequence[float]) -> None:
    for due in dues:
        queue.enqueue_at(
            datetime.fromtimestamp(due, UTC), "rq_peer.run", payload(due), result_ttl=0
        )


def work() -> None:
    SimpleWorker([queue], connection=redis).work(with_scheduler=True, logging_level="ERROR")


if __name__ == "__main__":
    peer.main(add=add, work=work)
