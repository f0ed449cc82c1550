"""What the emulated platform itself adds to a request."""

import http.client
import time
from urllib.parse import urlsplit

from bench.figures import percentile
from bench.measure import Bench, Figures, Measure

REQUESTS = 1_000
WARM_UP = 20


def _round_trip(bench: Bench) -> Figures:
    with bench.dueline() as system:
        client = http.client.HTTPConnection(urlsplit(system.harness.url).netloc, timeout=30)
        took = [_ask(client) for _ in range(WARM_UP + bench.size(REQUESTS))][WARM_UP:]
        client.close()
    return {name: percentile(took, percent) for name, percent in (("p50", 50.0), ("p99", 99.0))}


def _ask(client: http.client.HTTPConnection) -> float:
    began = time.perf_counter()
    client.request("GET", "/livez")
    client.getresponse().read()
    return (time.perf_counter() - began) * 1_000


ROUND_TRIP = Measure(
    name="round-trip",
    title="Round trip of the local platform",
    note=f"{REQUESTS:,} times GET /livez, which touches no server: HTTP trigger, Runtime API, the "
    "genuine client, function schedule, and back.",
    columns={"p50": "p50, ms", "p99": "p99, ms"},
    run=_round_trip,
)
