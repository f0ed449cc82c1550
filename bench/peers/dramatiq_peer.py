"""Dramatiq: one process with eight threads, its defaults. BENCH_BROKER chooses the store."""

import os
import sys
import time
from collections.abc import Sequence

import dramatiq
import peer
from dramatiq.brokers.rabbitmq import RabbitmqBroker
from dramatiq.brokers.redis import RedisBroker
from record import payload, record

url = os.environ[os.environ["BENCH_BROKER"]]
broker = RedisBroker(url=url) if url.startswith("redis") else RabbitmqBroker(url=url)
dramatiq.set_broker(broker)


@dramatiq.actor(queue_name=os.environ["BENCH_QUEUE"])
def run(task: dict[str, str]) -> None:
    record(task)


def add(dues: Sequence[float]) -> None:
    for due in dues:
        delay_ms = max(0, round((due - time.time()) * 1_000))
        run.send_with_options(args=(payload(due),), delay=delay_ms)


def work() -> None:
    from dramatiq.cli import main, make_argument_parser

    sys.exit(main(make_argument_parser().parse_args(["-p", "1", "-t", "8", "dramatiq_peer"])))


if __name__ == "__main__":
    peer.main(add=add, work=work)
