"""Every kill point there is, and what has to happen so that a process comes by."""

import inspect
import json
import signal
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from dueline.domain.ids import new_task_id
from dueline.domain.schedules import begun
from dueline.schedule_store.postgres import PostgresScheduleStore
from dueline.task_store.connection import Connection
from dueline.task_store.interface import Dispatching, Executing
from dueline.work_queue.topology import queue_name
from tests.eventually import eventually
from tests.factories import make_schedule
from tests.faults.client import Client
from tests.faults.deployment import LANE, Deployment
from tests.faults.kill_points import KillPoint, When

RUNS = 3  # of a schedule
Provocation = Callable[[Deployment, Client], None]


def _methods(port: type) -> list[str]:
    return [name for name, _ in inspect.getmembers(port, inspect.isfunction) if name[0] != "_"]


# Of the schedule store, what tick calls in a pass in which nothing was missed or edited.
SCHEDULES = ("due_page", "expand", "failing_page", "outdated_page", "overdue_page")
# What each function calls. New methods of the store's ports become kill points by themselves.
STEPS: Mapping[str, tuple[str, ...]] = {
    "schedule": ("store.server_time", "store.add", "buffer.put"),
    "tick": (
        "store.server_time",
        *(f"store.{method}" for method in _methods(Dispatching)),
        *(f"schedules.{method}" for method in SCHEDULES),
        "buffer.put",
        "buffer.lease_due",
        "buffer.settle",
        "buffer.next_due",
        "buffer.watermark",
        "buffer.move_watermark",
        "buffer.wait",
        "queue.publish",
        "queue.depth",
    ),
    "execute": (
        "store.server_time",
        *(f"store.{method}" for method in _methods(Executing)),
        "buffer.put",
        "handler.run",
        "platform.answer",
    ),
}
KILL_POINTS = tuple(
    KillPoint(function, when, step)
    for function, steps in STEPS.items()
    for step in steps
    for when in When
)


def end_processes(function: str) -> Provocation:
    """A new process asks first of all for what is otherwise asked once in a while."""
    return lambda deployment, _: deployment.signal(function, signal.SIGKILL)


def lose_messages(deployment: Deployment, client: Client) -> None:
    """Messages that are in the queue are lost with it, so that S2 has to find their tasks."""
    deployment.signal("execute", signal.SIGSTOP)
    for _ in range(3):
        client.ask({})
    eventually(lambda: _queued(deployment) >= 3)
    with deployment.servers.broker() as channel:
        channel.queue_delete(queue_name(LANE))
    deployment.signal("execute", signal.SIGCONT)


def lose_execute(deployment: Deployment, _: Client) -> None:
    """A lease is lost, so that S3 has to find it."""
    deployment.arming.arm(KillPoint("execute", When.DURING, "handler.run"), after_seconds=0.01)


def flush(deployment: Deployment, _: Client) -> None:
    """Everything has to be loaded again."""
    client = deployment.servers.redis()
    client.flushall()
    client.close()


def run_long(_: Deployment, client: Client) -> None:
    """A lease has to be renewed."""
    client.ask({"seconds": 0.8})


def recur(deployment: Deployment, _: Client) -> None:
    """A schedule has occurrences to be made."""
    now = datetime.now(UTC)
    schedule = make_schedule(
        id=new_task_id(now),
        type="effect",
        payload="{}",
        rule=json.dumps({"every": "PT1S", "max_runs": RUNS}),
        created_at=now,
        updated_at=now,
    )
    connection = Connection(deployment.servers.url("postgres"))
    PostgresScheduleStore(connection).add(begun(schedule))
    connection.close()


PROVOCATIONS: Mapping[tuple[str, str], Provocation] = {
    ("schedule", "store.server_time"): end_processes("schedule"),
    ("tick", "store.server_time"): end_processes("tick"),
    ("tick", "store.oldest_due"): end_processes("tick"),  # asked once a minute
    ("tick", "store.reset_unclaimed"): lose_messages,
    ("tick", "queue.depth"): lose_messages,
    ("tick", "store.end_lost_leases"): lose_execute,
    ("tick", "buffer.put"): flush,
    **{("tick", f"schedules.{method}"): recur for method in SCHEDULES},
    ("tick", "schedules.outdated_page"): end_processes("tick"),  # asked once a tick
    ("execute", "store.renew"): run_long,
}


def provoke(point: KillPoint, deployment: Deployment, client: Client) -> None:
    """Do what it takes, beyond the load of every run, to make a process come by."""
    if provocation := PROVOCATIONS.get((point.function, point.step)):
        provocation(deployment, client)


def _queued(deployment: Deployment) -> int:
    [[count]] = deployment.database.run("SELECT count(*) FROM tasks WHERE status = 'queued'")
    return int(count)
