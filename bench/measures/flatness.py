"""Whether a task costs the same when there are many: time for each, by the number of tasks."""

import time
from collections import defaultdict
from statistics import median

from bench.dueline_system import new_tasks
from bench.measure import Bench, Figures, Measure
from bench.servers import postgres
from dueline.config import Settings
from dueline.due_buffer.redis import RedisDueBuffer
from dueline.task_store.postgres import PostgresTaskStore
from dueline.task_store.schema import apply_schema
from dueline.usecases.sweep import sweep_leases

SIZES = (10_000, 100_000, 1_000_000)
# A burst of ten thousand is over in half a second, and one stop of the machine would count for as
# much as the rest of it. So smaller numbers are run more often, before the million and after it.
RUNS = (*[10_000] * 2, 100_000, 1_000_000, *[100_000] * 2, *[10_000] * 3)
PARTS = {"accept": "bulk accept", "burst": "burst", "sweep": "sweep"}
LOST = """
UPDATE tasks SET status = 'running', attempt = 1, fence = 1, worker = 'lost',
                 lease_until = now() - interval '1 minute'
"""


def _flatness(bench: Bench) -> Figures:
    figures: dict[str, list[float]] = defaultdict(list)
    for size in RUNS:
        count = bench.size(size)
        _, accept, burst = bench.done(count)
        assert burst is not None  # dueline records
        seconds = {"accept": accept, "burst": burst, "sweep": _sweep(bench, count)}
        for part, took in seconds.items():
            figures[f"{part}-{size}"].append(took / count * 1e6)
    return {name: median(runs) for name, runs in figures.items()}


def _sweep(bench: Bench, count: int) -> float:
    """Seconds that tick's sweep takes to put back tasks whose execute was lost."""
    database = bench.servers.database()
    store, buffer = PostgresTaskStore(database), RedisDueBuffer(bench.servers.redis_url)
    try:
        apply_schema(database)
        for start in range(0, count, 10_000):
            store.add(new_tasks([time.time()] * min(10_000, count - start)))
        with postgres(database) as connection:
            connection.run(LOST)
            connection.run("VACUUM ANALYZE tasks")
        settings = Settings.from_env(
            {
                "DUELINE_POSTGRES_URL": database,
                "DUELINE_REDIS_URL": bench.servers.redis_url,
                "DUELINE_WORK_QUEUE_URL": bench.servers.amqp_url,
            }
        )
        began, now = time.perf_counter(), store.server_time()
        while sweep_leases(store=store, buffer=buffer, now=now, settings=settings).lost_leases:
            pass
        return time.perf_counter() - began
    finally:
        store.close()
        buffer.close()
        bench.servers.drop(database)
        bench.servers.flush()


FLATNESS = Measure(
    name="flatness",
    title="Cost as the work grows",
    note="Microseconds for each task: accepted in bulk (without HTTP), run in a burst from the due "
    "instant to the last record, and put back by the sweep after its execute was lost. In a "
    "repetition 10,000 are run five times and 100,000 three times, before and after the million: "
    "medians.",
    columns={
        f"{part}-{size}": f"{words}, {size:,}" for part, words in PARTS.items() for size in SIZES
    },
    run=_flatness,
)
