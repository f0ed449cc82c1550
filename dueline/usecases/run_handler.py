"""Run the handlers of a batch, one attempt after another or side by side."""

import json
import threading
import traceback
from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta

import msgspec

from dueline.clock import Clock
from dueline.domain.outcomes import (
    GiveUp,
    Outcome,
    RetryLater,
    completed,
    failed,
    given_back,
)
from dueline.domain.tasks import Claim, JsonText, TaskRef
from dueline.handler import Handler, TaskView

LONGEST_ATTEMPT = timedelta(minutes=14)  # as long as the platform lets an invocation live


class Attempts:
    """The attempts of one batch: how each is made, and which tasks are still ours.

    `attempt` is called by the crew's threads, `add` by whoever claims, the rest by the thread that
    records.
    """

    def __init__(
        self,
        handlers: Mapping[str, Handler],
        clock: Clock,
        *,
        stop: Callable[[], bool],
        chance: Callable[[], float],
    ) -> None:
        self._handlers = handlers
        self._clock = clock
        self._stop = stop
        self._chance = chance
        self._lock = threading.Lock()
        self._open: dict[str, Claim] = {}  # have no outcome yet
        self._lost: set[str] = set()  # open, but called off or under another's fence
        self._running: dict[str, _AttemptContext] = {}

    def add(self, claims: Sequence[Claim]) -> None:
        """These are to be attempted too."""
        with self._lock:
            self._open |= {claim.ref.id: claim for claim in claims}

    def attempt(self, claim: Claim) -> Outcome | None:
        """Hold the task until its due instant, then call its handler.

        None when `overrun` gave the outcome meanwhile: whoever called is no longer waited for.
        """
        now = self._clock.now()
        if now < claim.due_at and not self._stop():
            self._clock.sleep_until(claim.due_at)
            now = self._clock.now()
        if self._stop() or claim.ref.id in self._lost:
            outcome = given_back(claim, now=now)
        else:
            outcome = self._call(claim, now)
        with self._lock:
            self._running.pop(claim.ref.id, None)
            return outcome if self._open.pop(claim.ref.id, None) else None

    def overrun(self) -> list[Outcome]:
        """Outcomes of attempts past their timeout. Python cannot stop their threads; from here
        on they are abandoned, and `context.cancelled` tells them so."""
        now = self._clock.now()
        with self._lock:
            late = [context for context in self._running.values() if now >= context.deadline]
            for context in late:
                del self._running[context.claim.ref.id]
                del self._open[context.claim.ref.id]
        return [_timed_out(context, now, self._chance()) for context in late]

    def unfinished(self) -> list[TaskRef]:
        """What needs its lease renewed."""
        with self._lock:
            return [claim.ref for id_, claim in self._open.items() if id_ not in self._lost]

    def lose(self, task_ids: AbstractSet[str]) -> None:
        """Their leases are lost, or they were called off: their handlers can see it."""
        with self._lock:
            self._lost |= self._open.keys() & task_ids

    def _call(self, claim: Claim, now: datetime) -> Outcome:
        context = _AttemptContext(
            claim=claim,
            started_at=now,
            deadline=now + (claim.timeout or LONGEST_ATTEMPT),
            clock=self._clock,
            is_lost=self._is_lost,
        )
        with self._lock:
            self._running[claim.ref.id] = context
        try:
            result = self._result(claim, context)
        except (Exception, SystemExit) as error:  # noqa: BLE001 - a user's code may raise anything
            return failed(
                claim,
                started_at=now,
                ended_at=self._clock.now(),
                cause=error,
                error=_describe(error),
                chance=self._chance(),
            )
        ended_at = self._clock.now()
        if ended_at >= context.deadline:  # `overrun` had not looked yet; its answer is the same
            return _timed_out(context, ended_at, self._chance())
        return completed(claim, started_at=now, ended_at=ended_at, result=result)

    def _is_lost(self, task_id: str) -> bool:
        return task_id in self._lost

    def _result(self, claim: Claim, context: "_AttemptContext") -> JsonText:
        handler = self._handlers.get(claim.type)
        if handler is None:
            raise RetryLater(
                timedelta(minutes=1),
                f"no handler for type {claim.type!r} is deployed here: known are "
                f"{', '.join(sorted(self._handlers)) or 'none'}",
            )
        view = TaskView(
            id=claim.ref.id,
            type=claim.type,
            payload=msgspec.json.decode(claim.payload),
            attempt=claim.attempt,
            execute_at=claim.execute_at,
            due_at=claim.due_at,
        )
        return _json_text(handler.function(view, context))


class _AttemptContext(msgspec.Struct, frozen=True, kw_only=True):
    """What a handler can ask (dueline.handler.Context)."""

    claim: Claim
    started_at: datetime
    deadline: datetime
    clock: Clock
    is_lost: Callable[[str], bool]

    def remaining(self) -> timedelta:
        return max(self.deadline - self.clock.now(), timedelta(0))

    @property
    def cancelled(self) -> bool:
        return self.is_lost(self.claim.ref.id) or self.clock.now() >= self.deadline


def _json_text(result: object) -> JsonText:
    try:
        try:
            return msgspec.json.encode(result).decode()
        except TypeError:  # it knows more types than json, but no subclasses of str, int or dict
            return json.dumps(result, allow_nan=False)
    except (TypeError, ValueError, RecursionError) as error:
        raise GiveUp(f"the handler returned what JSON cannot say: {error}") from error


def _timed_out(context: _AttemptContext, now: datetime, chance: float) -> Outcome:
    limit = (context.deadline - context.started_at).total_seconds()
    error = TimeoutError(f"timed out after {limit:g} s")
    return failed(
        context.claim,
        started_at=context.started_at,
        ended_at=now,
        cause=error,
        error=str(error),
        chance=chance,
    )


def _describe(error: BaseException) -> str:
    """One line for what a handler said on purpose, the traceback for what happened to it."""
    if isinstance(error, GiveUp | RetryLater):
        return str(error)
    return "".join(traceback.format_exception(error))
