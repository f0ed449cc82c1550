"""Loads in earnest: through a whole local run with so many lanes."""

import json
import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from bench.capacity_model import Load, Ran
from bench.figures import Start
from bench.servers import Servers, postgres
from dueline.domain.ids import new_task_id
from dueline.domain.tasks import Task
from dueline.due_buffer.redis import RedisDueBuffer
from dueline.task_store.postgres import PostgresTaskStore
from dueline.usecases.accept_tasks import accept_tasks
from dueline.work_queue.topology import queue_name
from local.functions import execute_name
from local.harness import Harness
from local.options import ROOT, Options
from local.services.model import Progress
from local.triggers.events import rabbitmq_event
from local.triggers.queue import SOURCE_ARN

PAGE = 10_000
LEAD = 4.0  # seconds to accept a load before it is due
STALLED = 60.0  # seconds after which a load that is not done will never be
INVOCATIONS = 51

_ROWS = """
SELECT extract(epoch FROM execute_at)::float8, extract(epoch FROM first_started_at)::float8,
       extract(epoch FROM finished_at)::float8
  FROM tasks
 WHERE execute_at BETWEEN to_timestamp(:first) AND to_timestamp(:last) AND status = 'completed'
"""


class LocalRun:
    """A local run that takes loads."""

    def __init__(self, harness: Harness, url: str) -> None:
        self._harness = harness
        self._url = url

    def invocation(self) -> float:
        """Seconds from the platform's call of `execute` to its answer, with nothing to do."""
        lane = self._harness.lanes[0]
        event = rabbitmq_event([], source_arn=SOURCE_ARN, queue_name=queue_name(lane))
        took = []
        for _ in range(INVOCATIONS):
            began = time.perf_counter()
            self._harness.platform.invoke(execute_name(lane), json.dumps(event).encode())
            took.append(time.perf_counter() - began)
        return median(took)

    def run(self, load: Load) -> Ran:
        """The load, as soon as it can be; its due times count from then."""
        first = round(time.time() + LEAD)
        dues = [first + due for due in load.dues]
        self._accept(dues, load.handler)
        assert time.time() < first, "the load was not accepted in time"
        return self._ended(min(dues), max(dues), len(dues))

    def _accept(self, dues: Sequence[float], seconds: float) -> None:
        store = PostgresTaskStore(self._url)
        buffer = RedisDueBuffer(self._harness.settings.redis_url)
        now = datetime.now(UTC)
        tasks = [_task(now, due, seconds) for due in dues]
        for page in range(0, len(tasks), PAGE):
            accept_tasks(
                tasks[page : page + PAGE],
                store=store,
                buffer=buffer,
                now=now,
                settings=self._harness.settings,
            )
        store.close()
        buffer.close()

    def _ended(self, first: float, last: float, count: int) -> Ran:
        """Wait until all are recorded. Asked rarely, since asking costs what is measured."""
        with postgres(self._url) as connection:
            while True:
                rows = connection.run(_ROWS, first=first - 0.001, last=last + 0.001) or []
                if len(rows) == count:
                    break
                assert time.time() < last + STALLED, f"{len(rows)} of {count} tasks are done"
                time.sleep(1)
        starts = [Start(due=due, at=at) for due, at, _ in rows]
        return Ran(starts=starts, ended=max(end for _, _, end in rows))


@contextmanager
def local_run(
    servers: Servers, folder: Path, *, lanes: int, threads: int, say: Progress
) -> Iterator[LocalRun]:
    """A local run over these servers, with an empty database and Redis."""
    servers.flush()
    database = servers.database()
    chosen = {
        "DUELINE_HANDLERS": "handlers",
        "DUELINE_LOG_LEVEL": "WARNING",
        "DUELINE_POSTGRES_URL": database,
        "DUELINE_REDIS_URL": servers.redis_url,
        "DUELINE_THREADS": str(threads),
        "DUELINE_WORK_QUEUE_URL": servers.amqp_url,
    }
    environ = {name: value for name, value in os.environ.items() if "DUELINE" not in name}
    options = Options(
        data=folder,
        port=0,
        execute=lanes,
        environ=environ | chosen,
        cache=ROOT / ".dueline" / "cache",
    )
    listeners = [say]

    def log(name: str, line: str) -> None:
        for listener in listeners:
            listener(f"{name}: {line}")

    with Harness(options, say=lambda _: None, log=log) as harness:
        yield LocalRun(harness, database)
        listeners.clear()  # functions that are ended complain
    servers.drop(database)


def _task(now: datetime, due: float, seconds: float) -> Task:
    at = datetime.fromtimestamp(due, UTC)
    return Task(
        id=new_task_id(now),
        type="slow" if seconds else "echo",
        queue="default",
        payload=json.dumps({"seconds": seconds} if seconds else {}),
        execute_at=at,
        due_at=at,
        created_at=now,
    )
