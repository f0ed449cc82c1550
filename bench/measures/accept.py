"""How many tasks are taken in a second, one by one and in bulk."""

import json
import time
from collections.abc import Sequence
from datetime import UTC, datetime

from bench.dueline_system import PAGE, DuelineSystem
from bench.measure import EVERY_PEER, Bench, Figures, Measure
from bench.peer_system import PeerSystem
from bench.peers.record import payload
from bench.posting import seconds_to_post
from bench.system import Plan

COLUMNS = {
    "one": "one client, one by one, tasks/s",
    "eight": "eight clients over HTTP, tasks/s",
    "api_one": "one client, without the platform, tasks/s",
    "api_eight": "eight clients, without the platform, tasks/s",
    "bulk": "in bulk, tasks/s",
    "use_case": "in bulk without HTTP, tasks/s",
}
ONE_BY_ONE = 2_000
BULK = 100_000
CLIENTS = 8
A_DAY_SECONDS = 86_400.0
SERVES_HTTP = "seed's loop"


def _accept(bench: Bench) -> Figures:
    with bench.system() as system:
        if isinstance(system, DuelineSystem):
            return _dueline(bench, system)
        return _peer(bench, system)


def _dueline(bench: Bench, system: DuelineSystem) -> Figures:
    bulk = bench.size(BULK)
    bodies = _bodies(bench.size(ONE_BY_ONE))
    with system.api() as api:
        direct = {f"api_{clients}": rate for clients, rate in _one_by_one(api, bodies).items()}
    return {
        **_one_by_one(system.harness.url, bodies),
        **direct,
        "bulk": _in_bulk(system.harness.url, bulk),
        "use_case": bulk / system.add(Plan(count=bulk, first=_tomorrow())),
    }


def _peer(bench: Bench, system: PeerSystem) -> Figures:
    one, bulk = bench.size(ONE_BY_ONE), bench.size(BULK)
    if system.name == SERVES_HTTP:
        stdout = system.spawn("serve").stdout
        assert stdout is not None
        return _one_by_one(f"http://127.0.0.1:{stdout.readline().strip()}", _bodies(one))
    figures = {"one": one / system.accept(Plan(count=one, first=_tomorrow()), bulk=False)}
    if system.peer.bulk:
        seconds = system.accept(Plan(count=bulk, first=_tomorrow()), bulk=True)
        figures["bulk"] = bulk / seconds
    return figures


def _in_bulk(url: str, count: int) -> float:
    """By POST /schedule/batch, PAGE tasks in a request."""
    tasks = [_body(_tomorrow()) for _ in range(count)]
    pages = [
        json.dumps({"tasks": tasks[start : start + PAGE]}, separators=(",", ":"))
        for start in range(0, count, PAGE)
    ]
    return count / seconds_to_post(url, "/schedule/batch", pages)


def _one_by_one(url: str, bodies: Sequence[str]) -> Figures:
    # So that no process has to start while it is measured.
    seconds_to_post(url, "/schedule", _bodies(10 * CLIENTS), clients=CLIENTS)
    return {
        "one": len(bodies) / seconds_to_post(url, "/schedule", bodies),
        "eight": len(bodies) / seconds_to_post(url, "/schedule", bodies, clients=CLIENTS),
    }


def _bodies(count: int) -> list[str]:
    return [json.dumps(_body(_tomorrow()), separators=(",", ":")) for _ in range(count)]


def _body(due: float) -> dict[str, object]:
    at = datetime.fromtimestamp(due, UTC).isoformat()
    return {"type": "record", "payload": payload(due), "execute_at": at}


def _tomorrow() -> float:
    return time.time() + A_DAY_SECONDS


ACCEPT = Measure(
    name="accept",
    title="Accepting tasks",
    note=f"{ONE_BY_ONE:,} tasks one by one and {BULK:,} in bulk, all for tomorrow. dueline and the "
    "seed's loop are asked over HTTP (bulk: POST /schedule/batch), when they have been asked "
    "before; the others by their own client in one process. Without the platform: by `python -m "
    "local api`, one process.",
    columns=COLUMNS,
    run=_accept,
    peers=EVERY_PEER,
)
