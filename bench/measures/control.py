"""Lists and bulk changes over many tasks, through the HTTP API."""

import http.client
import json
import time
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, urlsplit

from bench.dueline_system import DuelineSystem
from bench.figures import percentile
from bench.measure import Bench, Figures, Measure
from bench.servers import postgres
from bench.system import Incomplete, Plan, starts_in

LISTED = 1_000_000
CANCELLED = 100_000
PAGES = 200  # of the default size, timed at each end of the list
DEFAULT_PAGE, LARGEST_PAGE = 50, 200
A_DAY_SECONDS = 86_400.0
MARGIN_SECONDS = 20.0  # from the start of cancelling to the due instant of what is cancelled


def _control(bench: Bench) -> Figures:
    with bench.dueline() as system:
        system.add(Plan(count=bench.size(LISTED), first=time.time() + A_DAY_SECONDS))
        with postgres(system.database) as connection:
            connection.run("VACUUM ANALYZE tasks")
        client = http.client.HTTPConnection(urlsplit(system.harness.url).netloc, timeout=60)
        first, token = _pages(client, PAGES, DEFAULT_PAGE, None)
        between = bench.size(LISTED) - 2 * PAGES * DEFAULT_PAGE
        _, token = _pages(client, between // LARGEST_PAGE, LARGEST_PAGE, token)
        last, _ = _pages(client, PAGES, DEFAULT_PAGE, token)
        return {
            "first": percentile(first, 50.0),
            "last": percentile(last, 50.0),
            "p99": percentile([*first, *last], 99.0),
            "cancel": _cancel(system, client, bench.size(CANCELLED)),
        }


def _pages(
    client: http.client.HTTPConnection, count: int, size: int, token: str | None
) -> tuple[list[float], str | None]:
    """Milliseconds for each of so many pages, and the token of the next."""
    took = []
    for _ in range(count):
        began = time.perf_counter()
        after = f"&page_token={quote(token)}" if token else ""
        page = _ask(client, "GET", f"/tasks?status=pending&page_size={size}{after}")
        took.append((time.perf_counter() - began) * 1_000)
        token = page["next_page_token"]
        if not token:
            break
    return took, token


def _cancel(system: DuelineSystem, client: http.client.HTTPConnection, count: int) -> float:
    """Seconds to call off `count` tasks by a filter, shortly before they are due; none may run."""
    due = time.time() + MARGIN_SECONDS + 2 * count / system.quickest_accept
    system.add(Plan(count=count, first=due))
    before = starts_in(system.starts)
    until = datetime.fromtimestamp(due + 1, UTC).isoformat()
    request: dict[str, object] = {"filter": {"execute_to": until}, "dry_run": False}
    began = time.perf_counter()
    while not (answer := _ask(client, "POST", "/tasks/cancel", request))["done"]:
        request["page_token"] = answer["next_page_token"]
    took = time.perf_counter() - began
    if time.time() > due or answer["outcomes"] != {"cancelled": count}:
        raise Incomplete(f"{answer['outcomes']} of {count}, {time.time() - due:.1f} s after due")
    time.sleep(max(0.0, due + 2 - time.time()))  # what was to run then would have begun
    if starts_in(system.starts) > before:
        raise Incomplete("a task that was called off has run")
    return took


def _ask(
    client: http.client.HTTPConnection, method: str, path: str, body: object = None
) -> dict[str, Any]:
    client.request(
        method, path, json.dumps(body) if body else None, {"Content-Type": "application/json"}
    )
    answer = client.getresponse()
    told: dict[str, Any] = json.loads(answer.read())
    if answer.status != 200:
        raise Incomplete(f"{method} {path}: {answer.status} {told}")
    return told


CONTROL = Measure(
    name="control",
    title=f"A list of {LISTED:,} tasks, and calling off {CANCELLED:,}",
    note=f"GET /tasks?status=pending over HTTP, {PAGES} pages of 50 at the beginning and "
    f"at the end; then POST /tasks/cancel by a filter for {CANCELLED:,} tasks that are due within "
    "half a minute. The run fails if one of them starts.",
    columns={
        "first": "first pages, median, ms",
        "last": "last pages, median, ms",
        "p99": "p99 of both, ms",
        "cancel": f"{CANCELLED:,} called off, s",
    },
    run=_control,
)
