"""What happens when a server forgets, stands still or goes away."""

import signal
import threading
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from dueline.domain.messages import encode_message
from dueline.domain.tasks import TaskRef
from dueline.work_queue.topology import EXCHANGE, queue_name
from tests.eventually import eventually
from tests.faults import run
from tests.faults.burst import ask_for
from tests.faults.deployment import LANE, Deployment, Servers, deployed
from tests.faults.shown import Shown, last_end, latest_start
from tests.faults.shows_of_functions import MANY, PATIENCE, TO_ACCEPT, burst_at

SECOND = timedelta(seconds=1)
OUTAGE = 30 * SECOND
PREFETCHED = 200  # more messages than the trigger takes ahead
A_SECOND = 40  # tasks, while Redis is away


def flush(servers: Servers, folder: Path) -> Shown:
    """In the middle of sending 10,000."""
    with deployed(servers, folder, settings={}, by_proxy=False) as deployment:
        burst = burst_at(deployment, datetime.now(UTC) + TO_ACCEPT)
        eventually(lambda: burst.waiting() < MANY * 3 // 4, within=PATIENCE)
        client = servers.redis()
        client.flushall()
        client.close()
        flushed_at, left = datetime.now(UTC), burst.waiting()
        evidence = burst.rest(within=PATIENCE)
    return Shown(
        evidence=evidence,
        measured=last_end(evidence) - flushed_at,
        bound=5 * SECOND,
        figures={"pending when flushed": left},
        also_broken=[] if left else ["all was sent before the flush"],
    )


def stop_redis(servers: Servers, folder: Path, *, frozen: bool) -> Shown:
    """Tasks fall due all the time; some are asked for meanwhile."""
    server = servers.by_name["redis"]
    with deployed(servers, folder, settings={}, by_proxy=False) as deployment:
        begin = datetime.now(UTC) + 20 * SECOND
        count = A_SECOND * OUTAGE // SECOND
        burst = ask_for(deployment, [begin + SECOND * n / A_SECOND for n in range(count)])
        eventually(lambda: datetime.now(UTC) > begin + SECOND, within=PATIENCE)
        server.kill(signal.SIGSTOP if frozen else signal.SIGKILL)
        client, slowest = deployment.client("meanwhile"), 0.0
        for _ in range(20):
            began = time.monotonic()
            client.ask({})
            slowest = max(slowest, time.monotonic() - began)
        eventually(lambda: datetime.now(UTC) > begin + OUTAGE, within=PATIENCE)
        if frozen:
            server.kill(signal.SIGCONT)
        else:
            server.restart()
        evidence = burst.rest(within=PATIENCE)
        client.close()
    return Shown(
        evidence=evidence,
        measured=latest_start(evidence),
        bound=2 * SECOND,
        what="lateness",
        figures={"slowest 201 meanwhile": f"{slowest:.2f} s", "refused": client.refused},
        also_broken=["a request was refused"] if client.refused else [],
    )


def delete_queue(servers: Servers, folder: Path) -> Shown:
    """A handler holds up execute while messages pile up; then the queue goes. Tick sends pages; to
    make it 5,000 messages, each task is named by one of its own too."""
    count = 5_000
    with deployed(servers, folder, settings={}, by_proxy=False) as deployment:
        at = datetime.now(UTC) + TO_ACCEPT / 2
        long = ask_for(deployment, [at - 3 * SECOND], seconds=25.0)
        burst = ask_for(deployment, [at] * count)
        eventually(lambda: burst.queued() == count, within=PATIENCE)
        with servers.broker() as channel:
            ids = burst.acknowledged()
            for task_id in [*ids, *ids[:PREFETCHED]]:
                body = encode_message([TaskRef(task_id, 0)])
                channel.basic_publish(EXCHANGE, LANE.name, body)
        eventually(lambda: _ready(deployment) >= count, within=PATIENCE)
        with servers.broker() as channel:
            lost = channel.queue_delete(queue_name(LANE)).method.message_count
        deleted_at = datetime.now(UTC)
        evidence = replace(long, clients=[*long.clients, *burst.clients]).rest(within=PATIENCE)
    return Shown(
        evidence=evidence,
        measured=last_end(evidence) - deleted_at,
        bound=65 * SECOND,
        figures={"messages deleted": lost},
        also_broken=[] if lost >= count else [f"only {lost} messages were in the queue"],
    )


def alarm(servers: Servers, folder: Path) -> Shown:
    """Publishers are blocked; requests are not. What was in flight goes when its lease ends."""
    with deployed(servers, folder, settings={}, by_proxy=False) as deployment:
        servers.rabbitmq.ctl("set_vm_memory_high_watermark", "0.00001")
        burst = ask_for(deployment, [None] * 200)
        accepted_at = datetime.now(UTC)
        threading.Event().wait(20)
        servers.rabbitmq.ctl("set_vm_memory_high_watermark", "absolute", "512MB")
        cleared_at = datetime.now(UTC)
        evidence = burst.rest(within=PATIENCE)
    asked = min(move.at for move in evidence.moves)
    return Shown(
        evidence=evidence,
        measured=last_end(evidence) - cleared_at,
        bound=35 * SECOND,
        figures={"200 requests took": f"{(accepted_at - asked).total_seconds():.2f} s"},
    )


def stop_postgres(servers: Servers, folder: Path) -> Shown:
    """Requests are refused with 503; what was accepted waits."""
    server = servers.by_name["postgres"]
    with deployed(servers, folder, settings={}, by_proxy=False) as deployment:
        burst = ask_for(deployment, [datetime.now(UTC) + 25 * SECOND] * 200, seconds=0.2)
        eventually(lambda: len(deployment.ledger.effects()) > 50, within=PATIENCE)
        left = deployment.database.not_final(burst.since)
        server.kill()
        client = deployment.client("meanwhile")
        end = time.monotonic() + 10
        while time.monotonic() < end:
            client.ask({})
        server.restart()
        back_at = datetime.now(UTC)
        evidence = burst.rest(within=PATIENCE)
        meanwhile = client.acknowledged()
        client.close()
    answers = {status: client.refused.count(status) for status in set(client.refused)}
    other = [f"{n} answers {status}" for status, n in answers.items() if status != 503]
    return Shown(
        evidence=evidence,
        measured=last_end(evidence) - back_at,
        bound=65 * SECOND,
        figures={"answers meanwhile": answers, "not final when killed": left},
        also_broken=other
        + ["a task was acknowledged"] * bool(meanwhile)
        + ["all was done before the kill"] * (left == 0),
    )


def strangers(servers: Servers, folder: Path) -> Shown:
    """Each is acked; poison is kept; nothing that it names is run; nothing comes again."""
    with deployed(servers, folder, settings={}, by_proxy=False) as deployment:
        burst = ask_for(deployment, [datetime.now(UTC) + timedelta(hours=1)])
        [cancelled] = burst.acknowledged()
        deployment.database.run(
            "UPDATE tasks SET status = 'cancelled', fence = fence + 1, finished_at = now()"
        )
        ran = ask_for(deployment, [None])
        ran.rest(within=PATIENCE)
        client = deployment.client("strangers")
        client.ask({})
        sent_at = datetime.now(UTC)
        run.strangers(deployment, client)
        with servers.broker() as channel:
            for fence in (0, 1):
                channel.basic_publish(
                    EXCHANGE, LANE.name, encode_message([TaskRef(cancelled, fence)])
                )
        eventually(
            lambda: _poison(deployment) == 1 and deployment.left_over() == 0, within=PATIENCE
        )
        settled_at = datetime.now(UTC)
        evidence = burst.rest(within=PATIENCE)
        client.close()
    of_cancelled = [effect for effect in evidence.effects if effect.task_id == cancelled]
    twice = len(evidence.effects) - len({effect.task_id for effect in evidence.effects})
    return Shown(
        evidence=evidence,
        measured=settled_at - sent_at,
        bound=10 * SECOND,
        what="all acked within",
        figures={"poison kept": 1, "cancelled run": len(of_cancelled), "run twice": twice},
        also_broken=["a cancelled task was run"] * bool(of_cancelled)
        + ["a task was run twice"] * bool(twice),
    )


def _ready(deployment: Deployment) -> int:
    with deployment.servers.broker() as channel:
        found = channel.queue_declare(queue_name(LANE), passive=True)
    return int(found.method.message_count)


def _poison(deployment: Deployment) -> int:
    """How many messages are kept, times how often each came."""
    return int(deployment.database.run("SELECT coalesce(sum(times), 0) FROM poison")[0][0])
