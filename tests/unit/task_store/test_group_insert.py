import threading
from collections.abc import Callable, Sequence

import pytest

from dueline.domain.errors import BackendUnavailable, InvalidRequest
from dueline.domain.tasks import Task
from dueline.task_store.group_insert import GroupInsert
from tests.eventually import eventually
from tests.factories import make_task

Insert = Callable[[Sequence[Task]], None]


class Meeting:
    """A first insert that is held up until the others wait, each in a thread of its own."""

    def __init__(self, insert: Insert = lambda _: None) -> None:
        self.statements: list[list[str]] = []  # the payloads of each
        self.raised: dict[str, BaseException] = {}
        self._insert = insert
        self._group = GroupInsert(self._run)
        self._began, self._go_on = threading.Event(), threading.Event()

    def hold(self, *payloads: str, tenants: Sequence[str] = ()) -> None:
        """Add `first`, and while it is under way these; return when all of them have returned."""
        first = self._start("first")
        assert self._began.wait(10)
        others = []
        for number, payload in enumerate(payloads):
            others.append(self._start(payload, *tenants[number : number + 1]))
            eventually(lambda: self._group.waiting == len(others))
        self._go_on.set()
        for thread in (first, *others):
            thread.join(10)
            assert not thread.is_alive()

    def add(self, payload: str, tenant: str = "default") -> None:
        self._group.add(make_task(payload=payload, tenant=tenant))

    def _start(self, *task: str) -> threading.Thread:
        thread = threading.Thread(target=self._add, args=task)
        thread.start()
        return thread

    def _add(self, payload: str, *tenant: str) -> None:
        try:
            self.add(payload, *tenant)
        except BaseException as error:  # noqa: BLE001 - whatever it is, it is looked at
            self.raised[payload] = error

    def _run(self, tasks: Sequence[Task]) -> None:
        payloads = [task.payload for task in tasks]
        self.statements.append(payloads)
        if payloads == ["first"]:
            self._began.set()
            assert self._go_on.wait(10)
        else:
            self._insert(tasks)


def failing_with(error: BaseException, *payloads: str) -> Insert:
    """Raises it where one of these is among the tasks."""

    def insert(tasks: Sequence[Task]) -> None:
        if any(task.payload in payloads for task in tasks):
            raise error

    return insert


def test_a_thread_alone_inserts_at_once() -> None:
    statements: list[int] = []
    group = GroupInsert(lambda tasks: statements.append(len(tasks)))

    group.add(make_task())
    group.add(make_task())

    assert statements == [1, 1]


def test_those_that_come_while_one_is_inserted_go_into_the_next_statement_together() -> None:
    meeting = Meeting()

    meeting.hold("a", "b", "c")

    assert meeting.statements == [["first"], ["a", "b", "c"]]


def test_a_task_that_is_refused_fails_its_own_thread_alone() -> None:
    refusal = InvalidRequest("no", code="UNSUPPORTED_JSON")
    meeting = Meeting(failing_with(refusal, "b"))

    meeting.hold("a", "b", "c")

    assert meeting.raised == {"b": refusal}
    assert meeting.statements == [["first"], ["a", "b", "c"], ["a"], ["b"], ["c"]]


@pytest.mark.parametrize("error", [BackendUnavailable("postgres", "gone"), MemoryError()])
def test_a_failure_that_is_of_no_task_is_told_to_all_and_tried_once(error: BaseException) -> None:
    meeting = Meeting(failing_with(error, "b"))

    meeting.hold("a", "b", "c")

    assert meeting.raised == dict.fromkeys("abc", error)
    assert meeting.statements == [["first"], ["a", "b", "c"]]


def test_after_a_failure_the_next_one_is_inserted() -> None:
    meeting = Meeting(failing_with(BackendUnavailable("postgres", "gone"), "a"))
    meeting.hold("a")

    meeting.add("b")

    assert meeting.statements == [["first"], ["a"], ["b"]]


def test_no_statement_holds_the_tasks_of_two_tenants() -> None:
    meeting = Meeting()

    meeting.hold("a", "b", "c", tenants=["ours", "theirs", "ours"])

    assert meeting.statements == [["first"], ["a", "c"], ["b"]]
