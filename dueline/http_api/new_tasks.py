"""From the items of a batch to tasks: each judged by itself, and made when it is come to."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from dueline.config import Settings
from dueline.domain.callers import Caller
from dueline.domain.errors import DuelineError, InvalidRequest
from dueline.domain.ids import new_task_ids
from dueline.domain.tasks import Task
from dueline.handler import Handler
from dueline.http_api.batch import Batch
from dueline.http_api.exchange import Response
from dueline.http_api.new_schedule import recurs
from dueline.http_api.new_task import new_task
from dueline.http_api.requests import ScheduleBody
from dueline.http_api.responses import batch_body, json_response

# The task that an item asks for, or why it cannot be.
Judged = Task | InvalidRequest


class ItemRefused(DuelineError):
    """An item of an atomic batch asks for no task."""


class NewTasks:
    """The tasks of an atomic batch, each made when the store comes to it (interface.Tasks), and the
    answer that lists them.

    Iterating raises ItemRefused at the first item that asks for none, and so does answer().
    """

    def __init__(self, judging: Iterator[Judged], count: int) -> None:
        self._judged: list[Judged] = []
        self._judging = judging
        self._count = count
        self._answer: Response | None = None

    def __len__(self) -> int:
        return self._count

    def __iter__(self) -> Iterator[Task]:
        yield from map(_accepted, self._judged)
        for item in self._judging:
            self._judged.append(item)
            yield _accepted(item)
        self.answer()  # now: the store is still at work on the last of them

    def answer(self) -> Response:
        """201, whether or not they have been stored."""
        if self._answer is None:
            body = batch_body([_accepted(item) for item in self.judged()])
            self._answer = json_response(body, status=201)
        return self._answer

    def judged(self) -> list[Judged]:
        """Each item, also behind one that was refused."""
        self._judged.extend(self._judging)
        return self._judged


def judging(
    batch: Batch,
    *,
    caller: Caller,
    now: datetime,
    settings: Settings,
    handlers: Mapping[str, Handler],
) -> Iterator[Judged]:
    """Each item's, in the order of the batch."""
    for task_id, item in zip(new_task_ids(len(batch.items), now), batch.items, strict=True):
        if isinstance(item, InvalidRequest):
            yield item
            continue
        try:
            _check_is_for_a_batch(item)
            task = new_task(
                item, task_id=task_id, caller=caller, now=now, settings=settings, handlers=handlers
            )
        except InvalidRequest as error:
            yield error
        else:
            yield task


def _check_is_for_a_batch(item: ScheduleBody) -> None:
    if recurs(item):
        raise InvalidRequest(
            "A batch holds tasks; send what recurs to POST /schedule.", code="CONFLICTING_FIELDS"
        )
    if item.dedupe is not None:
        raise InvalidRequest(
            "A batch takes no dedupe keys; send such a task by itself.",
            code="CONFLICTING_FIELDS",
            pointer="/dedupe",
        )


def _accepted(item: Judged) -> Task:
    if isinstance(item, InvalidRequest):
        raise ItemRefused
    return item
