"""Procrastinate, tuned: asks ten times a second, ten async tasks at a time, deletes done rows."""

import asyncio
import os
from collections.abc import Sequence
from datetime import UTC, datetime

import peer
import procrastinate
from record import payload, record

app = procrastinate.App(
    connector=procrastinate.PsycopgConnector(conninfo=os.environ["BENCH_POSTGRES"])
)


@app.task(name="record")
async def run(task: dict[str, str]) -> None:
    record(task)


def add(dues: Sequence[float]) -> None:
    asyncio.run(_add(dues))


def setup() -> None:
    asyncio.run(_setup())


def work() -> None:
    asyncio.run(_work())


async def _add(dues: Sequence[float]) -> None:
    async with app.open_async():
        for due in dues:
            at = datetime.fromtimestamp(due, UTC)
            await run.configure(schedule_at=at).defer_async(task=payload(due))


def bulk(dues: Sequence[float]) -> None:
    asyncio.run(_bulk(dues))


async def _bulk(dues: Sequence[float]) -> None:
    """By 1,000: one due time for each call, as its interface has it (the first of the thousand)."""
    async with app.open_async():
        for start in range(0, len(dues), 1_000):
            at = datetime.fromtimestamp(dues[start], UTC)
            batch = [{"task": payload(due)} for due in dues[start : start + 1_000]]
            await run.configure(schedule_at=at).batch_defer_async(*batch)


async def _setup() -> None:
    async with app.open_async():
        await app.schema_manager.apply_schema_async()


async def _work() -> None:
    async with app.open_async():
        await app.run_worker_async(
            concurrency=10, fetch_job_polling_interval=0.1, delete_jobs="always"
        )


if __name__ == "__main__":
    peer.main(add=add, bulk=bulk, work=work, setup=setup)
