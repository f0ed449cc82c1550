"""The schedule stores that the conformance tests judge, each beside the task store it shares rows
with."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import pytest

from dueline.schedule_store.interface import ScheduleStore
from dueline.schedule_store.memory import MemoryScheduleStore
from dueline.schedule_store.postgres import PostgresScheduleStore
from dueline.task_store.connection import Connection
from dueline.task_store.interface import TaskStore
from dueline.task_store.memory import MemoryTaskStore
from dueline.task_store.postgres import PostgresTaskStore


@dataclass(frozen=True, slots=True, kw_only=True)
class Stores:
    """A schedule store, and the tasks that its occurrences are."""

    schedules: ScheduleStore
    tasks: TaskStore
    another: Callable[[], ScheduleStore]  # one more client of the same data


@pytest.fixture(
    params=[
        "memory",
        pytest.param("postgres", marks=pytest.mark.postgres),
        pytest.param("postgres_pooled", marks=pytest.mark.postgres),
    ]
)
def stores(request: pytest.FixtureRequest) -> Iterator[Stores]:
    if request.param == "memory":
        tasks = MemoryTaskStore()
        schedules = MemoryScheduleStore(tasks)
        yield Stores(schedules=schedules, tasks=tasks, another=lambda: schedules)
        return
    url = request.getfixturevalue("postgres_url")
    with ExitStack() as stack:
        yield postgres_stores(
            f"{url}?pooled=true" if request.param == "postgres_pooled" else url, stack
        )


def postgres_stores(url: str, stack: ExitStack) -> Stores:
    """Stores over one connection; it and those of `another` are closed with the stack."""

    def connection() -> Connection:
        opened = Connection(url)
        stack.callback(opened.close)
        return opened

    shared = connection()
    return Stores(
        schedules=PostgresScheduleStore(shared),
        tasks=PostgresTaskStore(shared),
        another=lambda: PostgresScheduleStore(connection()),
    )
