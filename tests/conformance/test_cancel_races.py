"""Cancels, of one task and of many, that race tick and execute, over real servers: what they say is
`cancelled` never starts."""

import json
import random
import threading
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from datetime import datetime, timedelta

import pytest

from dueline.clock import Clock, ServerClock
from dueline.domain.ids import new_task_id
from dueline.domain.lanes import Lane, LaneMap
from dueline.domain.retry import RetryPolicy
from dueline.domain.task_filter import TaskFilter
from dueline.domain.tasks import DEFAULT_TENANT, FINAL, DuePlace, Task, TaskStatus
from dueline.handler import Context, Handler, TaskView
from dueline.task_store.postgres import PostgresTaskStore
from dueline.thread_crew import ThreadCrew
from dueline.usecases.accept_tasks import accept_tasks
from dueline.usecases.dispatch_due import dispatch_due
from dueline.usecases.execute_batch import Execution, execute_batch
from dueline.usecases.mark_sent import mark_sent
from local.services.server import Server
from tests.conformance.queue_steps import QueueUnderTest, patient_buffer
from tests.conformance.task_store_steps import statuses
from tests.eventually import eventually
from tests.factories import SECOND, make_settings
from tests.functions.conftest import Caller
from tests.functions.memory_services import MemoryServices

pytest_plugins = ["tests.conformance.queue_fixtures"]
pytestmark = [pytest.mark.postgres, pytest.mark.redis]

RACES = 1_000
SPREAD = 3 * SECOND  # their due times
MOMENT = timedelta(milliseconds=60)  # a cancel comes so much before its task is due, or after
GROUPS = 10  # of tasks that are cancelled in bulk
IN_A_GROUP = 200


class Installation:
    """Tick's dispatch and execute, each in a thread with clients of its own, over one lane."""

    def __init__(
        self, lane: Lane, url: str, redis_url: str, under_test: QueueUnderTest, stack: ExitStack
    ) -> None:
        self.settings = make_settings(lanes=LaneMap({lane.queue: 1}))
        self.started: set[str] = set()  # ids of tasks whose handler was called
        self.store = PostgresTaskStore(url)
        self.buffer = patient_buffer(redis_url)
        self.clock = ServerClock(self.store.server_time)
        self._lane = lane
        self._url = url
        self._redis_url = redis_url
        self._queue = under_test
        self._stop = threading.Event()
        self._stack = stack
        stack.callback(self.store.close)
        stack.callback(self.buffer.close)

    def start(self) -> None:
        self._queue.queue.declare([self._lane])
        threads = [threading.Thread(target=part) for part in (self._tick, self._execute)]
        for thread in threads:
            thread.start()
            self._stack.callback(thread.join)
        self._stack.callback(self._stop.set)

    def accept(self, tasks: Sequence[Task]) -> None:
        accept_tasks(
            tasks,
            store=self.store,
            buffer=self.buffer,
            now=self.clock.now(),
            settings=self.settings,
        )

    def _tick(self) -> None:
        store, buffer = PostgresTaskStore(self._url), patient_buffer(self._redis_url)
        now = self.clock.now()
        buffer.move_watermark(self._lane, old=None, new=DuePlace(now + self.settings.horizon))
        while not self._stop.is_set():
            sent = dispatch_due(
                self._lane,
                buffer=buffer,
                queue=self._queue.queue,
                clock=self.clock,
                settings=self.settings,
                deadline=self.settings.publish_deadline,
            )
            if sent.confirmed:
                at = self.clock.now()
                mark_sent(self._lane, sent.confirmed, at=at, store=store, buffer=buffer)
            else:
                buffer.wait([self._lane], timeout=timedelta(milliseconds=2))
        buffer.close()
        store.close()

    def _execute(self) -> None:
        store, buffer = PostgresTaskStore(self._url), patient_buffer(self._redis_url)
        consumer = self._queue.consumer(self._lane)
        run = Execution(
            store=store,
            buffer=buffer,
            clock=self.clock,
            settings=self.settings,
            handlers={"email": Handler(type="email", function=self._handle)},
            crew=ThreadCrew(4),
            worker="execute",
            remaining=lambda: timedelta(minutes=1),
        )
        while not self._stop.is_set():
            batch = consumer.receive(most=100, wait=timedelta(milliseconds=20))
            execute_batch([(self._lane.name, delivery.body) for delivery in batch], run)
            consumer.ack(batch)
        consumer.close()
        buffer.close()
        store.close()

    def _handle(self, task: TaskView, _: Context) -> None:
        self.started.add(task.id)


@pytest.fixture
def installation(
    lane: Lane, postgres_url: str, redis_server: Server, queue_under_test: QueueUnderTest
) -> Iterator[Installation]:
    with ExitStack() as stack:
        url = redis_server.service.url
        yield Installation(lane, postgres_url, url, queue_under_test, stack)


class Api(MemoryServices):
    """Function `schedule` over the installation's tasks and clock."""

    def __init__(self, installation: Installation) -> None:
        super().__init__()
        self.store = installation.store
        self._clock = installation.clock

    def clock(self) -> Clock:
        return self._clock


def new_task(now: datetime, at: datetime, queue: str, *tags: str) -> Task:
    return Task(
        id=new_task_id(now),
        type="email",
        queue=queue,
        payload="{}",
        execute_at=at,
        due_at=at,
        created_at=now,
        tags=tags,
        retry=RetryPolicy(max_attempts=1),
    )


def test_what_is_acknowledged_as_cancelled_never_starts(
    installation: Installation, lane: Lane
) -> None:
    now = installation.clock.now()
    due = [now + SECOND + SPREAD * random.random() for _ in range(RACES)]
    tasks = [new_task(now, at, lane.queue) for at in due]
    installation.accept(tasks)
    installation.start()
    strikes = sorted((task.due_at + MOMENT * random.uniform(-2, 1), task.id) for task in tasks)

    answers: dict[str, TaskStatus] = {}
    for at, task_id in strikes:
        installation.clock.sleep_until(at)
        now = installation.clock.now()
        answers |= installation.store.cancel("default", [task_id], now=now)

    eventually(lambda: _all_final(installation), within=timedelta(minutes=1))
    cancelled = {task_id for task_id, to in answers.items() if to is TaskStatus.CANCELLED}
    assert not cancelled & installation.started
    assert statuses(installation.store)[TaskStatus.CANCELLED] >= len(cancelled) > 0
    assert installation.started  # it was a race


def test_what_a_bulk_cancel_counts_as_cancelled_never_starts(
    installation: Installation, lane: Lane
) -> None:
    now = installation.clock.now()
    moments = [now + SECOND + SPREAD * group / GROUPS for group in range(GROUPS)]
    tasks = [
        new_task(now, moment + MOMENT * random.uniform(-1, 2), lane.queue, f"group-{group}")
        for group, moment in enumerate(moments)
        for _ in range(IN_A_GROUP)
    ]
    installation.accept(tasks)
    installation.start()
    caller = Caller(Api(installation))

    counted: Counter[str] = Counter()
    for group, moment in enumerate(moments):
        installation.clock.sleep_until(moment)
        body = {"filter": {"tag": f"group-{group}"}, "dry_run": False}
        answer = caller.ask("POST", "/tasks/cancel", json.dumps(body))
        assert (answer.status, answer.body["done"]) == (200, True)
        counted.update(answer.body["outcomes"])

    eventually(lambda: _all_final(installation), within=timedelta(minutes=1))
    cancelled = {task.id for task in tasks if _status(installation, task) is TaskStatus.CANCELLED}
    assert len(cancelled) == counted["cancelled"] > 0
    assert not cancelled & installation.started
    assert cancelled | installation.started == {task.id for task in tasks}
    assert installation.started  # it was a race


def _status(installation: Installation, task: Task) -> TaskStatus:
    found = installation.store.get(DEFAULT_TENANT, task.id)
    assert found is not None
    return found.status


def _all_final(installation: Installation) -> bool:
    unfinished = TaskFilter(statuses=frozenset(TaskStatus) - FINAL)
    left = installation.store.list_ids(DEFAULT_TENANT, unfinished, before=None, limit=1)
    return not left.ids and left.goes_on_at is None
