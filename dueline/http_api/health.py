"""Whether this process, and what stands behind it, can work."""

import logging
import time
from collections.abc import Callable
from typing import Any

from dueline.clock import SYNC_EVERY
from dueline.domain.errors import BackendUnavailable
from dueline.http_api.exchange import Request, Response
from dueline.http_api.responses import json_response
from dueline.http_api.services import Services
from dueline.stats_store.interface import SILENT_AFTER

log = logging.getLogger(__name__)


def live(request: Request, services: Services) -> Response:  # noqa: ARG001
    """GET /livez: this process answers. No I/O."""
    return json_response({"status": "live"})


def ready(request: Request, services: Services) -> Response:  # noqa: ARG001
    """GET /readyz: each server behind this process, whether ticks serve every lane, and how long
    it took to know.

    503 only when PostgreSQL is down, since only then requests fail. With Redis, the work queue or
    ticks down they are still accepted, and a load balancer must not take every process out at
    once: 200, "degraded".
    """
    checks = {
        "postgres": _check("postgres", lambda: services.task_store().ping()),
        "redis": _check("redis", lambda: services.due_buffer().ping()),
        "work_queue": _check("work_queue", lambda: services.work_queue().ping()),
        "tick": _check("tick", lambda: _check_ticks(services)),
    }
    down = {name for name, check in checks.items() if check["status"] == "down"}
    if "postgres" in down:
        body = {"status": "unavailable", "checks": checks}
        return json_response(body, status=503, headers={"Retry-After": "1"})
    return json_response({"status": "degraded" if down else "ready", "checks": checks})


def _check_ticks(services: Services) -> None:
    """Return if a tick has served every lane lately: else nothing is sent that falls due."""
    services.clock().sync(older_than=SYNC_EVERY)
    since = services.clock().now() - SILENT_AFTER
    beats = services.stats_store().beats()
    lanes = [lane.name for lane in services.settings().lanes.all()]
    if silent := [lane for lane in lanes if lane not in beats or beats[lane] < since]:
        seconds = SILENT_AFTER.total_seconds()
        raise BackendUnavailable("tick", f"none for {seconds:g} s in {', '.join(silent)}")


def _check(name: str, ping: Callable[[], None]) -> dict[str, Any]:
    started = time.perf_counter()  # a stopwatch: no instant is read, nothing is decided by it
    status = "up"
    try:
        ping()
    except BackendUnavailable as error:
        status = "down"
        log.warning("%s is down: %s", name, error, extra={"event": "check_failed", "check": name})
    return {"status": status, "latency_ms": round((time.perf_counter() - started) * 1000, 3)}
