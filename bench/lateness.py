"""How late tasks start through a whole local run: `python -m bench.lateness [--tasks N]`.

Starts private servers and the emulated platform, schedules N echo tasks over HTTP, spread evenly
over a span of seconds, and reads from each task's row when it was due and when it started.
"""

import argparse
import http.client
import json
import os
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from local.harness import Harness
from local.options import ROOT, Options

RAMP = timedelta(seconds=15)  # to schedule them all before the first is due


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--tasks", type=int, default=1_000)
    parser.add_argument("--span", type=float, default=20.0, help="seconds from first to last")
    parser.add_argument("--execute", type=int, default=1, help="execute environments")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as data:
        options = Options(
            data=Path(data),
            port=0,
            execute=chosen.execute,
            environ={**os.environ, "DUELINE_LOG_LEVEL": "WARNING"},
            cache=ROOT / ".dueline" / "cache",
        )
        with Harness(options, say=_note, log=lambda name, line: _note(f"{name}: {line}")) as run:
            print(report(measure(run.url, chosen.tasks, timedelta(seconds=chosen.span))))


def measure(url: str, tasks: int, span: timedelta) -> list[float]:
    """Lateness of each task in milliseconds."""
    client = http.client.HTTPConnection(urlsplit(url).netloc, timeout=30)
    first = datetime.now(UTC) + RAMP
    ids = [
        _ask(
            client,
            "POST",
            "/schedule",
            {"type": "echo", "execute_at": (first + span * number / tasks).isoformat()},
        )["task_id"]
        for number in _shown(range(tasks), "scheduled")
    ]
    while datetime.now(UTC) < first + span:
        time.sleep(0.5)
    return [_lateness(client, task_id) for task_id in _shown(ids, "read")]


def report(lateness_ms: Sequence[float]) -> str:
    ranked = sorted(lateness_ms)
    names = {"p50": 0.5, "p95": 0.95, "p99": 0.99}
    figures = [f"{name} {ranked[int(len(ranked) * part)]:.2f}" for name, part in names.items()]
    early = sum(value < 0 for value in ranked)
    return (
        f"{len(ranked)} tasks, ms late: {'  '.join(figures)}  max {ranked[-1]:.2f}  early {early}"
    )


def _lateness(client: http.client.HTTPConnection, task_id: str) -> float:
    while (task := _ask(client, "GET", f"/tasks/{task_id}", None))["status"] != "completed":
        time.sleep(0.05)
    return float(task["lateness_ms"])


def _ask(
    client: http.client.HTTPConnection, method: str, path: str, body: object
) -> dict[str, Any]:
    client.request(method, path, json.dumps(body) if body else None)
    answer: dict[str, Any] = json.load(client.getresponse())
    return answer


def _shown(items: Sequence[Any], what: str) -> Iterator[Any]:
    """The items, with their progress on a terminal."""
    for done, item in enumerate(items, start=1):
        yield item
        if sys.stderr.isatty() and done % 50 == 0:
            _note(f"{what} {done} of {len(items)}", end="\r")


def _note(line: str, end: str = "\n") -> None:
    print(line, file=sys.stderr, end=end, flush=True)


if __name__ == "__main__":
    main()
