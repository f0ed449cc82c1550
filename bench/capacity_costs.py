"""What the parts of dueline cost here: each measured by itself, over servers that do nothing else.

A cost is fitted to two sizes: what one task takes, and what a full batch takes.
"""

import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from itertools import count
from statistics import median

from bench.capacity_model import Costs
from bench.servers import Servers
from dueline.clock import ServerClock
from dueline.config import Settings
from dueline.domain.ids import new_task_id
from dueline.domain.lanes import LaneMap
from dueline.domain.messages import encode_message, pages
from dueline.domain.tasks import DuePlace, Task, TaskRef
from dueline.due_buffer.redis import RedisDueBuffer
from dueline.handler import Handler
from dueline.task_store.postgres import PostgresTaskStore
from dueline.task_store.schema import apply_schema
from dueline.thread_crew import ThreadCrew
from dueline.usecases.accept_tasks import accept_tasks
from dueline.usecases.dispatch_due import dispatch_due
from dueline.usecases.execute_batch import Execution, execute_batch
from dueline.work_queue.rabbitmq import RabbitWorkQueue

QUEUE = "rehearsal"
TIMES = 9  # that each is done; the median counts
MANY = 1_000
SECOND = timedelta(seconds=1)


def measured_costs(servers: Servers, threads: int) -> Costs:
    """All but the platform's part in `invocation`. Leaves nothing behind but a queue."""
    url = servers.database()
    try:
        with Rehearsal(servers, url, threads) as rehearsal:
            return rehearsal.costs()
    finally:
        servers.drop(url)
        servers.flush()


class Rehearsal:
    """One lane's use cases, called by hand."""

    def __init__(self, servers: Servers, url: str, threads: int) -> None:
        apply_schema(url)
        lanes = LaneMap({"default": 1, QUEUE: 1})
        self._lane = lanes.all()[1]
        self._settings = Settings(
            postgres_url=url,
            redis_url=servers.redis_url,
            work_queue_url=servers.amqp_url,
            lanes=lanes,
            routes={},
            outside=frozenset(),
            handler_modules=(),
        )
        self._store = PostgresTaskStore(url)
        self._buffer = RedisDueBuffer(servers.redis_url)
        self._queue = RabbitWorkQueue(servers.amqp_url)
        self._clock = ServerClock(self._store.server_time)
        self._crew = ThreadCrew(threads)
        self._numbers = count()

    def __enter__(self) -> "Rehearsal":
        self._queue.declare([self._lane])
        self._buffer.move_watermark(self._lane, old=None, new=DuePlace(datetime.now(UTC)))
        return self

    def __exit__(self, *_: object) -> None:
        self._queue.close()
        self._buffer.close()
        self._store.close()

    def costs(self) -> Costs:
        look, _ = self._timed(0, self._dispatch), self._timed(1, self._dispatch)
        send, one = self._fitted(self._dispatch)
        claim, empty = self._fitted(self._claim)
        batch, _ = self._fitted(self._execute)
        return Costs(
            look=look,
            round=max(0.0, one - look),
            send=send,
            invocation=empty,
            claim=claim,
            run=batch - claim,
        )

    def _fitted(self, act: Callable[[Sequence[TaskRef]], object]) -> tuple[float, float]:
        """Seconds for each task, and for all of them together beside that."""
        one, many = self._timed(1, act), self._timed(MANY, act)
        each = (many - one) / (MANY - 1)
        return each, one - each

    def _timed(self, tasks: int, act: Callable[[Sequence[TaskRef]], object]) -> float:
        took = []
        for _ in range(TIMES):
            refs = self._due(tasks, buffered=act == self._dispatch)
            began = time.perf_counter()
            act(refs)
            took.append(time.perf_counter() - began)
        return median(took)

    def _due(self, tasks: int, *, buffered: bool) -> list[TaskRef]:
        """New tasks that are due; in the buffer too, if a tick is to find them."""
        now = datetime.now(UTC) - SECOND
        new = [
            Task(
                id=new_task_id(now),
                type="rehearsal",
                queue=QUEUE,
                payload="{}",
                execute_at=now,
                due_at=now,
                created_at=now,
            )
            for _ in range(tasks)
        ]
        if buffered and new:
            accept_tasks(
                new, store=self._store, buffer=self._buffer, now=now, settings=self._settings
            )
        elif new:
            self._store.add(new)
        return [task.ref for task in new]

    def _dispatch(self, refs: Sequence[TaskRef]) -> None:
        sent = dispatch_due(
            self._lane,
            buffer=self._buffer,
            queue=self._queue,
            clock=self._clock,
            settings=self._settings,
            deadline=5 * SECOND,
        )
        assert len(sent.confirmed) == len(refs), f"{sent} of {len(refs)}"

    def _claim(self, refs: Sequence[TaskRef]) -> None:
        now = self._clock.now()
        claimed = self._store.claim(refs, now=now, until=now, lease=60 * SECOND, worker="here")
        assert len(claimed.claims) == len(refs)

    def _execute(self, refs: Sequence[TaskRef]) -> None:
        bodies = [(QUEUE, encode_message(page)) for page in pages(refs, most=100)]
        report = execute_batch(bodies, self._execution())
        assert report.completed == len(refs)

    def _execution(self) -> Execution:
        return Execution(
            store=self._store,
            buffer=self._buffer,
            clock=self._clock,
            settings=self._settings,
            handlers={"rehearsal": Handler(type="rehearsal", function=lambda task, _: task.id)},
            crew=self._crew,
            worker="here",
            remaining=lambda: 60 * SECOND,
        )
