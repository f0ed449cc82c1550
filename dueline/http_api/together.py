"""Requests that came at the same time: the new tasks of all are accepted together."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple, Never

from msgspec.structs import replace

from dueline.domain.errors import BackendUnavailable, DuelineError
from dueline.domain.tasks import Task
from dueline.http_api.answer import answer
from dueline.http_api.exchange import Request, Response
from dueline.http_api.limits import RATE_HEADERS
from dueline.http_api.services import Services, View
from dueline.usecases.accept_tasks import accept_tasks


class Asked(NamedTuple):
    """A request, and what its route says of it."""

    request: Request
    view: View
    scope: str | None


def answer_together(asked: Sequence[Asked], services: Services) -> list[Response]:
    """What each is answered, in their order: as `answer` would one by one. Never raises.

    T1. Answer each. The new task that a view leaves is in its answer, and nowhere else yet.
    T2. Accept what was left: the tasks of a tenant by one statement and one commit.
    T3. Where the store refuses them, accept each by itself: only one of them is at fault. Where it
        does not answer nobody knows; each is told so, and none is tried again, since they would
        wait for their time-outs one after the other.

    A crash before T2 has committed leaves nothing. After it, tasks run whose callers have no
    answer: as with accept_tasks, which this is a call of.
    """
    answers: list[Response] = []
    by_tenant: dict[str, dict[int, Task]] = {}
    for index, (request, view, scope) in enumerate(asked):
        left: list[Task] = []
        answers.append(answer(view, replace(request, left=left), services, scope=scope))
        for task in left:
            by_tenant.setdefault(task.tenant, {})[index] = task
    for tasks in by_tenant.values():
        for index, error in _not_accepted(tasks, services).items():
            answers[index] = _instead(answers[index], error, asked[index].request, services)
    return answers


def _not_accepted(tasks: Mapping[int, Task], services: Services) -> dict[int, Exception]:
    """Accept the tasks of one tenant; for those that could not be, why."""
    try:
        accept_tasks(
            list(tasks.values()),
            store=services.task_store(),
            buffer=services.due_buffer(),
            now=max(task.created_at for task in tasks.values()),
            settings=services.settings(),
        )
    except Exception as error:  # noqa: BLE001 - whatever it is, a caller waits for an answer
        refused = isinstance(error, DuelineError) and not isinstance(error, BackendUnavailable)
        if not refused or len(tasks) == 1:
            return dict.fromkeys(tasks, error)
    else:
        return {}
    apart = [_not_accepted({index: task}, services) for index, task in tasks.items()]
    return {index: error for each in apart for index, error in each.items()}


def _instead(said: Response, error: Exception, request: Request, services: Services) -> Response:
    """The answer to a request of which this is the outcome, where another was to be given."""

    def outcome(request: Request, services: Services) -> Never:  # noqa: ARG001 - a view's
        raise error

    told = answer(outcome, request, services)
    rate = {name: said.headers[name] for name in RATE_HEADERS if name in said.headers}
    return replace(told, headers={**told.headers, **rate})
