"""Tasks: what `client.tasks` offers."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

import msgspec

from dueline.client.errors import StillWaiting
from dueline.client.transport import Transport, segment
from dueline.client.wire import Duration, Moment, as_json, fields
from dueline.domain.tasks import FINAL
from dueline.http_api.bodies import Accepted, ListedTask, Task
from dueline.http_api.task_bodies import BatchAnswer, Bulk, CalledOff, Explanation, TaskList

_FIRST_PAUSE = 0.05  # seconds between two looks at a task; half as long again each time
_LONGEST_PAUSE = 2.0


class Tasks:
    """Use it through a Client."""

    def __init__(self, transport: Transport, *, pause: Callable[[float], None]) -> None:
        self._transport = transport
        self._pause = pause

    def create(
        self,
        type: str,  # noqa: A002 - the API's word
        payload: Any = None,
        *,
        execute_at: Moment | None = None,
        delay: Duration | None = None,
        queue: str | None = None,
        retry: Mapping[str, Any] | None = None,
        timeout: Duration | None = None,
        expires_at: Moment | None = None,
        tags: Sequence[str] = (),
        dedupe: str | Mapping[str, str] | None = None,
        idempotency_key: str | None = None,
    ) -> Accepted:
        """Run a task at a time, after a delay, or at once. On return it is committed.

        `dedupe`: a key that at most one task has which has not ended; where another has it, that
        one is the answer. {"key": …, "on_conflict": "replace" or "reject"} does otherwise.
        """
        body = fields(
            type=type,
            payload=payload,
            execute_at=execute_at,
            delay=delay,
            queue=queue,
            retry=retry,
            timeout=timeout,
            expires_at=expires_at,
            tags=list(tags) or None,
            dedupe={"key": dedupe} if isinstance(dedupe, str) else dedupe,
        )
        return self._transport.ask(
            "POST",
            "/schedule",
            body=body,
            answer=Accepted,
            keyed=True,
            idempotency_key=idempotency_key,
        )

    def create_many(
        self,
        tasks: Iterable[Mapping[str, Any]],
        *,
        atomic: bool = True,
        idempotency_key: str | None = None,
    ) -> BatchAnswer:
        """Run up to 10,000 tasks, each given by its fields; all of them, or, if it is not to be
        atomic, those that can be accepted."""
        body = {"tasks": [fields(**task) for task in tasks], "atomic": atomic}
        return self._transport.ask(
            "POST",
            "/schedule/batch",
            body=body,
            answer=BatchAnswer,
            keyed=True,
            idempotency_key=idempotency_key,
        )

    def get(self, task_id: str) -> Task:
        """Everything that is known of a task."""
        return self._transport.ask("GET", _path(task_id), answer=Task)

    def list(self, *, page_size: int | None = None, **which: Any) -> Iterator[ListedTask]:
        """All that fit, the newest first; pages are asked for as they are needed.

        `which`: status, type, queue, tag, schedule, payload (what it contains), execute_from,
        execute_to, created_from, created_to. Of status and type several may be given.
        """
        query = {**_filter(which), "page_size": page_size}
        token: str | None = None
        while True:
            page = self._transport.ask(
                "GET", "/tasks", query={**query, "page_token": token}, answer=TaskList
            )
            yield from page.tasks
            if (token := page.next_page_token) is None:
                return

    def change(
        self, task_id: str, changes: Mapping[str, Any], *, if_match: str | None = None
    ) -> Task:
        """Another execute_at, payload or queue for a task that waits."""
        return self._transport.ask(
            "PATCH",
            _path(task_id),
            body={name: as_json(name, value) for name, value in changes.items()},
            headers={"If-Match": if_match} if if_match else None,
            answer=Task,
        )

    def cancel(self, task_id: str) -> CalledOff:
        """Call it off: one that runs is asked to stop, and its handler can see that."""
        return self._transport.ask("DELETE", _path(task_id), answer=CalledOff)

    def run(self, task_id: str) -> Task:
        """A task that waits is due now."""
        return self._transport.ask("POST", f"{_path(task_id)}/run", answer=Task)

    def retry(self, task_id: str) -> Task:
        """Try a failed task again."""
        return self._transport.ask("POST", f"{_path(task_id)}/retry", answer=Task)

    def cancel_all(self, *, dry_run: bool = True, **which: Any) -> Iterator[Bulk]:
        """Call off all that fit, as list() would show them, but for those that have ended.

        The work goes on while the answers are asked for: each says how far it has come. Nothing
        is changed unless `dry_run` is False; then only `fitting` is of interest.
        """
        return self._in_bulk("cancel", which, dry_run=dry_run)

    def retry_all(self, *, dry_run: bool = True, **which: Any) -> Iterator[Bulk]:
        """Try all that failed and fit again; as cancel_all()."""
        return self._in_bulk("retry", which, dry_run=dry_run)

    def reschedule_all(
        self, execute_at: Moment, *, dry_run: bool = True, **which: Any
    ) -> Iterator[Bulk]:
        """Another execute_at for all that wait and fit; as cancel_all()."""
        return self._in_bulk("reschedule", which, dry_run=dry_run, execute_at=execute_at)

    def explain(self, task_id: str) -> Explanation:
        """Why it ran late, twice or not at all."""
        return self._transport.ask("GET", f"{_path(task_id)}/explain", answer=Explanation)

    def wait(self, task_id: str, *, within: timedelta = timedelta(minutes=5)) -> Task:
        """The task once it is final. Raises StillWaiting when it is not `within` that time."""
        *_, task = self.watch(task_id, within=within)
        return task

    def watch(self, task_id: str, *, within: timedelta = timedelta(minutes=5)) -> Iterator[Task]:
        """The task as it is, and again each time that it has moved on; final at last.

        Raises StillWaiting when it is not final `within` that time.
        """
        until = time.monotonic() + within.total_seconds()
        pause, seen = _FIRST_PAUSE, None
        while True:
            task = self.get(task_id)
            if (moved := (task.status, task.attempt)) != seen:
                seen, pause = moved, _FIRST_PAUSE
                yield task
            if task.status in FINAL:
                return
            if time.monotonic() + pause > until:
                raise StillWaiting(f"task {task_id} is still {task.status}")
            self._pause(pause)
            pause = min(pause * 1.5, _LONGEST_PAUSE)

    def _in_bulk(self, what: str, which: Mapping[str, Any], **given: Any) -> Iterator[Bulk]:
        token: str | None = None
        while True:
            body = fields(filter=fields(**_filter(which)), page_token=token, **given)
            # A second time meets tasks that no longer fit.
            progress = self._transport.ask(
                "POST", f"/tasks/{what}", body=body, answer=Bulk, repeatable=True
            )
            yield progress
            if (token := progress.next_page_token) is None:
                return


def _filter(which: Mapping[str, Any]) -> dict[str, Any]:
    """As the API takes it: several words with commas between, JSON as text."""
    texts = {
        name: ",".join(value)
        for name in ("status", "type")
        if isinstance(value := which.get(name), list | tuple)
    }
    if (payload := which.get("payload")) is not None:
        texts["payload"] = msgspec.json.encode(payload).decode()
    return {**which, **texts}


def _path(task_id: str) -> str:
    return f"/tasks/{segment(task_id)}"
