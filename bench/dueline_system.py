"""dueline as a system under test: the three functions on the emulated platform."""

import json
import os
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

from bench.peers.record import payload
from bench.servers import Servers, postgres
from bench.system import Plan
from dueline.domain.ids import new_task_ids
from dueline.domain.tasks import Task
from dueline.due_buffer.redis import RedisDueBuffer
from dueline.task_store.postgres import PostgresTaskStore
from dueline.usecases.accept_tasks import accept_tasks
from local.harness import Harness
from local.options import ROOT, Options

PAGE = 10_000  # tasks that one request of POST /schedule/batch may hold


class DuelineSystem:
    """The servers are shared with the peers; database and Redis are emptied for each run."""

    name = "dueline"
    quickest_accept = 15_000.0

    def __init__(self, servers: Servers, folder: Path, *, lanes: int = 1) -> None:
        self.starts = folder / "starts"
        self._log = folder / "log"
        self._servers = servers
        self._folder = folder
        self._lanes = lanes
        self._to_close = ExitStack()

    def __enter__(self) -> Self:
        self._servers.flush()
        self.database = self._servers.database()
        self._to_close.callback(self._servers.drop, self.database)
        try:
            self.harness = self._to_close.enter_context(self._local_run())
            self.store = PostgresTaskStore(self.database)
            self._to_close.callback(self.store.close)
            self.buffer = RedisDueBuffer(self._servers.redis_url)
            self._to_close.callback(self.buffer.close)
            self._watch = self._to_close.enter_context(postgres(self.database))
        except BaseException:
            self._to_close.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._to_close.close()

    def add(self, plan: Plan) -> float:
        """By the use case of POST /schedule/batch, a page at a time. Seconds that it took.

        As in a request, no more than a page of tasks is in memory: a million of them would make
        the garbage collector and the caches of the processor part of the measure.
        """
        dues, took = plan.dues(), 0.0
        for start in range(0, len(dues), PAGE):
            tasks = new_tasks(dues[start : start + PAGE])
            began = time.perf_counter()
            self.accept(tasks)
            took += time.perf_counter() - began
        return took

    def accept(self, tasks: Sequence[Task]) -> None:
        accept_tasks(
            tasks,
            store=self.store,
            buffer=self.buffer,
            now=datetime.now(UTC),
            settings=self.harness.settings,
        )

    def recorded(self) -> bool:
        [[is_open]] = self._watch.run(
            "SELECT EXISTS (SELECT FROM tasks WHERE status = 'running')"
            " OR EXISTS (SELECT FROM tasks WHERE status = 'queued')"
            " OR EXISTS (SELECT FROM tasks WHERE status = 'pending' AND due_at <= now())"
        )
        return not is_open

    @contextmanager
    def api(self) -> Iterator[str]:
        """The URL of the API in a process of its own, without the platform, on the same stores."""
        process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "local",
                "api",
                "--port",
                "0",
                "--data",
                str(self._folder / "api"),
            ],
            cwd=ROOT,
            env={**os.environ, **self.harness.environment},
            stdout=subprocess.PIPE,
            text=True,
        )
        try:
            assert process.stdout is not None
            yield next(line.split()[1] for line in process.stdout if line.startswith("API "))
        finally:
            process.terminate()
            process.communicate()

    def _local_run(self) -> Harness:
        options = Options(
            data=self._folder,
            port=0,
            execute=self._lanes,
            environ=os.environ
            | {
                "BENCH_STARTS": str(self.starts),
                "DUELINE_ENV": "BENCH_STARTS",
                "DUELINE_HANDLERS": "bench.handler",
                "DUELINE_LOG_LEVEL": "WARNING",
                "DUELINE_POSTGRES_URL": self.database,
                "DUELINE_REDIS_URL": self._servers.redis_url,
                "DUELINE_WORK_QUEUE_URL": self._servers.amqp_url,
            },
            cache=ROOT / ".dueline" / "cache",
        )
        return Harness(options, say=_quiet, log=self._keep)

    def _keep(self, name: str, line: str) -> None:
        """What functions print, in the run's folder."""
        with self._log.open("a") as log:
            log.write(f"{name}: {line}\n")


def new_tasks(dues: Sequence[float]) -> list[Task]:
    now = datetime.now(UTC)
    return [
        Task(
            id=id_,
            type="record",
            queue="default",
            payload=json.dumps(payload(due), separators=(",", ":")),
            execute_at=(at := datetime.fromtimestamp(due, UTC)),
            due_at=at,
            created_at=now,
        )
        for id_, due in zip(new_task_ids(len(dues), now), dues, strict=True)
    ]


def _quiet(_line: str) -> None:
    """What starts is not news here."""
