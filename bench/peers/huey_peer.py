"""Huey on Redis: one worker thread, its default."""

import os
from collections.abc import Sequence
from datetime import datetime

import peer
from huey import RedisHuey
from record import payload, record

huey = RedisHuey(os.environ["BENCH_QUEUE"], url=os.environ["BENCH_REDIS"], results=False, utc=False)


@huey.task()
def run(task: dict[str, str]) -> None:
    record(task)


def add(dues: Sequence[float]) -> None:
    for due in dues:
        run.schedule((payload(due),), eta=datetime.fromtimestamp(due))  # noqa: DTZ006 - utc=False


def work() -> None:
    huey.create_consumer(workers=1).run()


if __name__ == "__main__":
    peer.main(add=add, work=work)
