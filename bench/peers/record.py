"""The work that every system does: 100 bytes of payload, a handler that records its start.

It uses the standard library alone, because it runs in each system's own environment.
"""

import json
import os
import time
from functools import cache

SIZE = 100
LINE = 36  # bytes of a recorded start: "<start> <due>\n", seconds since 1970


def payload(due: float) -> dict[str, str]:
    """What a task carries: SIZE bytes as compact JSON."""
    bare = {"due": f"{due:.6f}", "pad": ""}
    return bare | {"pad": "x" * (SIZE - len(json.dumps(bare, separators=(",", ":"))))}


def record(payload: dict[str, str]) -> None:
    """The handler: one append, which other processes' appends do not tear."""
    os.write(_starts(), f"{time.time():.6f} {payload['due']}\n".encode())


@cache
def _starts() -> int:
    return os.open(os.environ["BENCH_STARTS"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
