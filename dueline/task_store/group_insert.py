"""New tasks of requests that come at the same time, inserted by one statement (group commit)."""

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from dueline.domain.errors import BackendUnavailable, DuelineError
from dueline.domain.tasks import Task


@dataclass(eq=False, slots=True)
class _Entry:
    """A task, and what its thread is told."""

    task: Task
    called: threading.Lock = field(default_factory=threading.Lock)  # held until it is told
    is_done: bool = False  # else, once called: it is your turn to insert
    failure: BaseException | None = None


class GroupInsert:
    """Inserts the tasks of several threads together, where they come while it is at work.

    `insert` takes tasks of one tenant: all or none, committed on return. A thread that is alone
    gains and loses nothing here. Where threads meet, one statement, one round trip and one commit
    serve all that came during the one before.
    """

    def __init__(self, insert: Callable[[Sequence[Task]], None]) -> None:
        self._insert = insert
        self._guard = threading.Lock()  # of the two below
        self._at_work = False
        self._waiting: list[_Entry] = []

    def add(self, task: Task) -> None:
        """Return when the task is committed. Raises what `insert` raises on account of this task,
        or of no task in particular."""
        entry = _Entry(task)
        with self._guard:
            waits, self._at_work = self._at_work, True
            if waits:
                entry.called.acquire()
                self._waiting.append(entry)
        if waits:
            entry.called.acquire()
        if not entry.is_done:
            self._insert_with_companions(entry)
        if entry.failure is not None:
            raise entry.failure

    @property
    def waiting(self) -> int:
        """How many are in no statement yet."""
        return len(self._waiting)

    def _insert_with_companions(self, entry: _Entry) -> None:
        with self._guard:
            waiting, self._waiting = self._waiting, []
            tenant = entry.task.tenant
            companions = [each for each in waiting if each.task.tenant == tenant]
            self._waiting = [each for each in waiting if each.task.tenant != tenant]
        self._insert_all([entry, *companions])
        with self._guard:
            next_one = self._waiting.pop(0) if self._waiting else None
            self._at_work = next_one is not None
        for each in (next_one, *companions):
            if each is not None:
                each.called.release()

    def _insert_all(self, entries: Sequence[_Entry]) -> None:
        """Never raises. A refusal is of one task: then each is tried by itself."""
        try:
            self._insert([each.task for each in entries])
        except BaseException as error:  # noqa: BLE001 - raised in the thread of each
            refused = isinstance(error, DuelineError) and not isinstance(error, BackendUnavailable)
            if refused and len(entries) > 1:
                for each in entries:
                    self._insert_all([each])
                return
            for each in entries:
                each.failure = error
        for each in entries:
            each.is_done = True
