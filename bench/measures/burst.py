"""Many tasks due at one instant."""

from bench.figures import burst_seconds
from bench.measure import EVERY_PEER, Bench, Figures, Measure

FAST_PEERS = ("graphile-worker", "BullMQ", "seed's loop")
COLUMNS = {
    "first": "due → first start, s",
    "last": "due → last start, s",
    "starts_per_second": "starts/s between the two",
    "recorded": "due → last recorded, s",
    "recorded_per_second": "recorded tasks/s",
}


def _burst(bench: Bench, count: int) -> Figures:
    starts, _, seconds = bench.done(bench.size(count))
    figures = burst_seconds(starts)
    if seconds is None:
        return figures
    return figures | {"recorded": seconds, "recorded_per_second": len(starts) / seconds}


def _measure(count: int, peers: tuple[str, ...]) -> Measure:
    return Measure(
        name=f"burst-{count}",
        title=f"Burst: {count:,} tasks due at one instant",
        note="Accepted before; then dispatched, executed and, by the systems that keep such a "
        "state, recorded as done.",
        columns=COLUMNS,
        run=lambda bench: _burst(bench, count),
        peers=peers,
    )


BURST_10_000 = _measure(10_000, EVERY_PEER)
BURST_100_000 = _measure(100_000, FAST_PEERS)
