"""Every measure, in the order of the report."""

from bench.measure import Measure
from bench.measures.accept import ACCEPT
from bench.measures.backlog import BACKLOG_1_000_000, BACKLOG_10_000_000
from bench.measures.burst import BURST_10_000, BURST_100_000
from bench.measures.cold_start import COLD_START
from bench.measures.control import CONTROL
from bench.measures.flatness import FLATNESS
from bench.measures.footprint import FOOTPRINT
from bench.measures.idle import IDLE
from bench.measures.lateness import LATENESS_1_000, LATENESS_20_000
from bench.measures.round_trip import ROUND_TRIP

MEASURES: tuple[Measure, ...] = (
    BURST_10_000,
    BURST_100_000,
    LATENESS_1_000,
    LATENESS_20_000,
    ACCEPT,
    COLD_START,
    ROUND_TRIP,
    IDLE,
    FOOTPRINT,
    CONTROL,
    BACKLOG_1_000_000,
    BACKLOG_10_000_000,
    FLATNESS,
)
