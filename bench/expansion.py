"""How long it takes to make the occurrences of many schedules that are due in the same minute.

    python -m bench.expansion --schedules 100000

Real PostgreSQL (DUELINE_POSTGRES_URL's, or a private one) and the due buffer in memory, in one
process: what one tick does. Prints seconds, occurrences a second and the process' peak memory.
Half of the rules are crons with a time zone and half are intervals, and each is due once within
the horizon.
"""

import argparse
import os
import resource
import tempfile
import time
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path

from dueline.config import Settings
from dueline.domain.ids import new_task_id
from dueline.domain.lanes import LaneMap
from dueline.domain.schedules import Schedule
from dueline.due_buffer.memory import MemoryDueBuffer
from dueline.schedule_store import rows
from dueline.schedule_store.postgres import PostgresScheduleStore
from dueline.task_store.connection import Connection, open_connection
from dueline.task_store.postgres_url import PostgresUrl
from dueline.task_store.schema import apply_schema
from dueline.usecases.expand_schedules import expand_schedules
from local.services.postgres import start_postgres

LANES = LaneMap({"default": 4})
ZONES = ("Europe/Berlin", "America/New_York", "Asia/Kolkata", "UTC")


def schedule(number: int, now: datetime) -> Schedule:
    """One that is due at the next full hour, or in the minute after it, and not before."""
    hour = now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    if number % 2:
        rule = f'{{"cron": "0 * * * *", "timezone": "{ZONES[number // 2 % len(ZONES)]}"}}'
    else:
        rule = f'{{"every": "PT1H", "starts_at": "{hour.isoformat()}"}}'
    return Schedule(
        id=new_task_id(now),
        rule=rule,
        created_at=now,
        updated_at=now,
        type="echo",
        queue="default",
        payload='{"to": "someone@example.com", "subject": "hello"}',
        next_at=hour,
    )


def fill(url: str, count: int, now: datetime) -> None:
    """As the store would add them, a thousand in a transaction."""
    connection = Connection(url)
    store = PostgresScheduleStore(connection)
    driver = open_connection(PostgresUrl.parse(url))
    template = rows.parameters_of(schedule(0, now))
    store.add(schedule(0, now))
    columns = "id, rule, created_at, updated_at, type, queue, payload, max_attempts, next_at"
    for start in range(1, count, 1_000):
        batch = [schedule(number, now) for number in range(start, min(count, start + 1_000))]
        driver.run(
            f"INSERT INTO schedules ({columns}, tzdata_version)"  # noqa: S608 - names of columns
            " SELECT id, rule::jsonb, :now::timestamptz, :now::timestamptz, 'echo', 'default',"
            " :payload::jsonb, 5, :next_at::timestamptz, :tzdata"
            " FROM unnest(:ids::uuid[], :rules::text[]) AS new (id, rule)",
            ids=[one.id for one in batch],
            rules=[one.rule for one in batch],
            now=now.isoformat(),
            payload=template["payload"],
            next_at=template["next_at"],
            tzdata=template["tzdata_version"],
        )
    driver.run("ANALYZE schedules")
    driver.close()
    connection.close()


def measure(url: str, count: int, now: datetime) -> None:
    connection = Connection(url)
    store, buffer = PostgresScheduleStore(connection), MemoryDueBuffer(lambda: now)
    settings = Settings(
        postgres_url=url,
        redis_url="",
        work_queue_url="",
        lanes=LANES,
        routes={},
        outside=frozenset(),
        handler_modules=(),
    )
    moment = now.replace(minute=50, second=0, microsecond=0)
    began, cpu_began, made, batches = time.perf_counter(), time.process_time(), 0, 0
    while True:
        done = expand_schedules(store=store, buffer=buffer, now=moment, settings=settings)
        made, batches = made + done.made, batches + 1
        if not done.more:
            break
    seconds, cpu = time.perf_counter() - began, time.process_time() - cpu_began
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{count:,} schedules: {made:,} occurrences in {batches} batches, {seconds:.2f} s"
        f" ({cpu:.2f} s of it here), {made / seconds:,.0f} a second, peak {peak:.0f} MiB"
    )
    connection.close()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.expansion", description=__doc__)
    parser.add_argument("--schedules", type=int, default=100_000)
    count = parser.parse_args().schedules
    now = datetime.fromisoformat("2026-06-01T12:10:00+00:00")
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        server = stack.enter_context(start_postgres(folder, environ=os.environ))
        apply_schema(server.service.url)
        fill(server.service.url, count, now)
        measure(server.service.url, count, now)


if __name__ == "__main__":
    main()
