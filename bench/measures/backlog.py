"""Lateness while many tasks wait for later days."""

from bench.figures import lateness_ms
from bench.measure import Bench, Figures, Measure
from bench.measures.lateness import COLUMNS, SPAN_SECONDS
from bench.servers import postgres
from bench.system import run

TASKS = 1_000
CHUNK = 500_000
# Rows as `add` writes them: ids of version 7, of one moment after the other; due in 1 to 30 days.
WAITING = """
INSERT INTO tasks (id, type, queue, payload, execute_at, due_at, created_at, max_attempts)
SELECT overlay(overlay(gen_random_uuid()::text PLACING id FROM 1 FOR 13) PLACING '7' FROM 15 FOR 1)
         ::uuid, 'record', 'default', payload::jsonb, due_at, due_at, now(), 5
  FROM (SELECT overlay(lpad(to_hex(1700000000000 + n), 12, '0') PLACING '-' FROM 9 FOR 0) AS id,
               json_build_object('due', '1700000000.000000', 'pad', repeat('x', 66)) AS payload,
               now() + interval '1 day' + (random() * interval '29 days') AS due_at
          FROM generate_series(:first::bigint, :last::bigint) AS n) AS new
"""


def _backlog(bench: Bench, waiting: int) -> Figures:
    with bench.dueline() as system:
        with postgres(system.database) as connection:
            for first in range(0, waiting, CHUNK):
                last = min(first + CHUNK, waiting) - 1
                connection.run(WAITING, first=first, last=last)
            # Those that wait for days have been vacuumed long ago.
            connection.run("VACUUM (ANALYZE) tasks")
            connection.run("CHECKPOINT")
        done = run(system, count=bench.size(TASKS), span=SPAN_SECONDS)
    return lateness_ms(done.starts)


def _measure(waiting: int) -> Measure:
    return Measure(
        name=f"backlog-{waiting}",
        title=f"Lateness with {waiting:,} tasks waiting",
        note=f"{TASKS:,} tasks over {SPAN_SECONDS} s, while the others wait for 1 to 30 days.",
        columns=COLUMNS,
        run=lambda bench: _backlog(bench, bench.size(waiting)),
    )


BACKLOG_1_000_000 = _measure(1_000_000)
BACKLOG_10_000_000 = _measure(10_000_000)
