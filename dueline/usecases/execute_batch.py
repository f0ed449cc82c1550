"""Run the tasks that a batch of messages names."""

import logging
import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

from dueline.clock import SYNC_EVERY, Clock
from dueline.config import Settings
from dueline.domain.errors import BackendUnavailable, BadMessage
from dueline.domain.messages import decode_message
from dueline.domain.outcomes import Outcome
from dueline.domain.tasks import Claim, DueTask, TaskRef, TaskStatus
from dueline.due_buffer.interface import DueBuffer
from dueline.handler import Handler
from dueline.metrics import emf
from dueline.task_store.interface import Executing
from dueline.usecases.offer_to_buffer import offer_to_buffer
from dueline.usecases.run_handler import Attempts

log = logging.getLogger(__name__)

CLAIMED_AT_ONCE = 1_000  # tasks; the first of them run while the next are claimed
STOP_MARGIN = timedelta(seconds=5)  # to give back what was not started, and to record
SAVE_AGAIN_AFTER = timedelta(seconds=1)


class Crew(Protocol):
    """Who runs the attempts: a pool of threads, or, in simulation, one after the other."""

    def run(
        self, parts: Sequence[Callable[[], Sequence[Claim]]], attempts: Attempts
    ) -> Iterator[list[Outcome]]:
        """Call `attempts.attempt` for every claim, in this order; yield outcomes as they come.

        Each of `parts` claims some, and is called once, in this order: the next when few claims
        are left to attempt, maybe by another thread than the one that takes the outcomes.
        Yields an empty list now and again while nothing ends. Ends when every claim has an
        outcome: its own, or that of `attempts.overrun`, which abandons an attempt.
        """


@dataclass(slots=True)
class BatchReport:
    """What one batch did; the answer of function `execute`."""

    claimed: int = 0
    completed: int = 0
    failed: int = 0
    retried: int = 0
    given_back: int = 0
    early: int = 0
    dropped: int = 0  # duplicates, cancelled, moved on
    fenced_out: int = 0  # results that came too late to be written
    poison: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Execution:
    """What a batch is run with."""

    store: Executing
    buffer: DueBuffer
    clock: Clock
    settings: Settings
    handlers: Mapping[str, Handler]
    crew: Crew
    worker: str  # where this runs, for the record
    remaining: Callable[[], timedelta]
    chance: Callable[[], float] = random.random  # the jitter of retries, in [0, 1)


def execute_batch(bodies: Sequence[tuple[str, bytes]], run: Execution) -> BatchReport:
    """Run what is named by `bodies`, a list of (lane name, message body).

    D0. Decode strictly; what cannot be read is kept as poison and forgotten, never looped.
    D1. Claim the ids, a thousand by one statement, and the next thousand while those run. Ids
        that come back empty are duplicates, cancelled or moved: dropped. Early ones go back to
        the buffer. A crash after it leaves the tasks running with nobody on them: sweep S3 ends
        the lease.
    D2. Hold each task until its due instant, run its handler outside any transaction, and renew
        the leases meanwhile. A crash leaves an effect that happens again with the next attempt.
    D3. Record outcomes as they come, where the fence is still ours. Others are fenced out. While
        the store does not answer they are kept, and offered again.
    D4. Put retries into the buffer. A crash before it is repaired by S1.
    D5. Return: the platform acks. It raises (BackendUnavailable) only if some could not be claimed,
        once those that were have ended, or if outcomes could not be saved until the time was up;
        then the whole batch comes again, and D1 drops what was done.
    When time is short no more work is started, and the rest is given back.
    """
    report = BatchReport()
    refs = _decode_all(bodies, run, report)
    attempts = Attempts(
        run.handlers,
        run.clock,
        stop=lambda: run.remaining() < STOP_MARGIN,
        chance=run.chance,
    )
    claiming = _Claiming(attempts, run, report)
    leases = _Leases(attempts, run)
    unsaved: list[Outcome] = []
    for outcomes in run.crew.run(claiming.parts(refs), attempts):
        unsaved = _save([*unsaved, *outcomes], claiming.types, run, report)
        leases.renew_in_time()
    while unsaved:
        run.clock.pause(SAVE_AGAIN_AFTER)
        unsaved = _save(unsaved, claiming.types, run, report)
    if namespace := run.settings.metrics_namespace:
        log.info("batch", extra=emf(namespace, asdict(report), now=run.clock.now()))
    if claiming.failure is not None:
        raise claiming.failure
    return report


def _decode_all(
    bodies: Sequence[tuple[str, bytes]], run: Execution, report: BatchReport
) -> list[TaskRef]:
    refs: dict[str, TaskRef] = {}
    for lane, body in bodies:
        try:
            # Of two messages about one task in a batch, the newer fence is the one that can fit.
            for ref in decode_message(body):
                if ref.id not in refs or refs[ref.id].fence < ref.fence:
                    refs[ref.id] = ref
        except BadMessage as error:
            report.poison += 1
            log.warning("poison message in %s: %s", lane, error, extra={"event": "poison"})
            run.store.keep_poison(body, reason=str(error), lane=lane, now=run.clock.now())
    return list(refs.values())


class _Claiming:
    """Claims the tasks of a batch, part by part.

    A failure ends the claiming, and not what runs already: it is kept, to be raised at the end.
    """

    def __init__(self, attempts: Attempts, run: Execution, report: BatchReport) -> None:
        self.types: dict[str, str] = {}
        self.failure: BackendUnavailable | None = None
        self._attempts = attempts
        self._run = run
        self._report = report

    def parts(self, refs: Sequence[TaskRef]) -> list[Callable[[], list[Claim]]]:
        return [
            partial(self._claim, refs[start : start + CLAIMED_AT_ONCE])
            for start in range(0, len(refs), CLAIMED_AT_ONCE)
        ]

    def _claim(self, refs: Sequence[TaskRef]) -> list[Claim]:
        if self.failure is not None:
            return []
        try:
            claims = _claim(refs, self._run, self._report)
        except BackendUnavailable as error:
            self.failure = error
            return []
        self._attempts.add(claims)
        self.types |= {claim.ref.id: claim.type for claim in claims}
        return claims


def _claim(refs: Sequence[TaskRef], run: Execution, report: BatchReport) -> list[Claim]:
    now = run.clock.now()
    claimed = run.store.claim(
        refs,
        now=now,
        # More than the reach: tick's reading of the clock may be a round trip ahead of ours.
        until=now + 2 * run.settings.lead,
        lease=run.settings.lease,
        worker=run.worker,
    )
    _offer(claimed.early, run)
    report.claimed += len(claimed.claims)
    report.early += len(claimed.early)
    report.dropped += len(refs) - len(claimed.claims) - len(claimed.early)
    return sorted(claimed.claims, key=lambda claim: claim.due_at)


def _save(
    outcomes: list[Outcome], types: Mapping[str, str], run: Execution, report: BatchReport
) -> list[Outcome]:
    """Write outcomes and offer the retries; what is still to be saved, since the store is down."""
    if not outcomes:
        return []
    try:
        recorded = run.store.record(outcomes, worker=run.worker)
    except BackendUnavailable as error:
        if run.remaining() < STOP_MARGIN / 2:
            raise
        log.warning("%d outcomes wait: %s", len(outcomes), error, extra={"event": "save_failed"})
        return outcomes
    written = [outcome for outcome in outcomes if outcome.ref.id in recorded]
    report.fenced_out += len(outcomes) - len(written)
    for outcome in written:
        _count(outcome, report)
        if log.isEnabledFor(logging.INFO):
            _tell(outcome, types[outcome.ref.id])
    _offer(
        [
            # record raised the fence of every task that it made pending again
            (o.queue, DueTask(TaskRef(o.ref.id, o.ref.fence + 1), o.due_at))
            for o in written
            if o.due_at is not None
        ],
        run,
    )
    return []


def _offer(tasks: Sequence[tuple[str, DueTask]], run: Execution) -> None:
    for lane, due in run.settings.lanes.by_lane((q, task.ref.id, task) for q, task in tasks):
        offer_to_buffer(run.buffer, lane, due)


class _Leases:
    """Renews the leases of a batch while its attempts go on."""

    def __init__(self, attempts: Attempts, run: Execution) -> None:
        self._attempts = attempts
        self._run = run
        now = run.clock.now()
        self._renew_at = now + run.settings.renew_every
        self._end = now + run.settings.lease

    def renew_in_time(self) -> None:
        """To be called often. When leases have ended unrenewed, no more of the batch is begun."""
        if self._run.clock.now() < self._renew_at:
            return
        try:
            self._run.clock.sync(older_than=SYNC_EVERY)
            self._renew(self._run.clock.now())
        except BackendUnavailable as error:
            log.warning("leases wait: %s", error, extra={"event": "renew_failed"})
            if self._run.clock.now() >= self._end:
                self._attempts.lose({ref.id for ref in self._attempts.unfinished()})

    def _renew(self, now: datetime) -> None:
        lease = self._run.settings.lease
        if unfinished := self._attempts.unfinished():
            renewed = self._run.store.renew(unfinished, now=now, lease=lease)
            # Of those that were asked for: meanwhile others may have been claimed.
            asked = {ref.id for ref in unfinished}
            self._attempts.lose(asked - (renewed.held - renewed.cancelled))
        self._renew_at = now + self._run.settings.renew_every
        self._end = now + lease


def _count(outcome: Outcome, report: BatchReport) -> None:
    if outcome.status is TaskStatus.COMPLETED:
        report.completed += 1
    elif outcome.status is TaskStatus.FAILED:
        report.failed += 1
    elif outcome.started_at is None:
        report.given_back += 1
    else:
        report.retried += 1


def _tell(outcome: Outcome, type_: str) -> None:
    if outcome.started_at is None:
        return  # given back: nothing was tried
    took = (outcome.ended_at - outcome.started_at) / timedelta(milliseconds=1)
    log.info(
        "%s %s %s, attempt %d, %.1f ms",
        type_,
        outcome.ref.id,
        outcome.status,
        outcome.attempt,
        took,
        extra={
            "event": "task_attempted",
            "task_id": outcome.ref.id,
            "type": type_,
            "status": outcome.status,
            "attempt": outcome.attempt,
            "took_ms": round(took, 1),
            "error": (outcome.error or "").rstrip().rpartition("\n")[2],
        },
    )
