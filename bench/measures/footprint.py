"""What a waiting task costs in the stores."""

import time

from bench.measure import Bench, Figures, Measure
from bench.servers import postgres
from bench.system import Plan

COUNT = 1_000_000
SOON_SECONDS = 840.0  # within the horizon of 15 minutes, and not due while it is measured
LATER_SECONDS = 86_400.0


def _footprint(bench: Bench) -> Figures:
    count = bench.size(COUNT)
    with bench.dueline() as system:
        empty = bench.servers.redis_bytes()
        system.add(Plan(count=count, first=time.time() + LATER_SECONDS))
        beyond = bench.servers.redis_bytes()
        with postgres(system.database) as connection:
            [[table, whole]] = connection.run(
                "SELECT pg_table_size('tasks'), pg_total_relation_size('tasks')"
            )
        system.add(Plan(count=count, first=time.time() + SOON_SECONDS))
        within = bench.servers.redis_bytes()
    return {
        "redis_beyond": max(0.0, (beyond - empty) / count),
        "redis_within": (within - beyond) / count,
        "postgres": whole / count,
        "postgres_table": table / count,
    }


FOOTPRINT = Measure(
    name="footprint",
    title=f"What {COUNT:,} waiting tasks cost, each",
    note="Bytes that Redis has allocated, and that PostgreSQL's files have grown by, for each task "
    "of 100 bytes of payload. The horizon is 15 minutes.",
    columns={
        "redis_beyond": "Redis, due beyond the horizon",
        "redis_within": "Redis, due within it",
        "postgres": "PostgreSQL, indexes included",
        "postgres_table": "of this the table",
    },
    run=_footprint,
)
