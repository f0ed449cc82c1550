"""How late tasks start that are due one after the other."""

from bench.figures import lateness_ms
from bench.measure import EVERY_PEER, Bench, Figures, Measure

COLUMNS = {
    "p50": "p50, ms",
    "p95": "p95, ms",
    "p99": "p99, ms",
    "max": "max, ms",
    "early": "early",
}
SPAN_SECONDS = 20
KEEP_UP = ("graphile-worker", "BullMQ", "APScheduler / Redis", "Celery / RabbitMQ")


def _lateness(bench: Bench, count: int) -> Figures:
    return lateness_ms(bench.done(bench.size(count), span=SPAN_SECONDS).starts)


def _measure(count: int, peers: tuple[str, ...]) -> Measure:
    return Measure(
        name=f"lateness-{count}",
        title=f"Lateness: {count:,} tasks over {SPAN_SECONDS} s",
        note="Start of the handler minus the moment asked for.",
        columns=COLUMNS,
        run=lambda bench: _lateness(bench, count),
        peers=peers,
    )


LATENESS_1_000 = _measure(1_000, EVERY_PEER)
LATENESS_20_000 = _measure(20_000, KEEP_UP)
