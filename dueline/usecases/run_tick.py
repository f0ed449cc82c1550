"""One tick: look after some lanes for as long as the invocation has time."""

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from dueline.clock import SYNC_EVERY, Clock
from dueline.config import Settings
from dueline.domain.errors import BackendUnavailable, BufferLost
from dueline.domain.lanes import Lane
from dueline.due_buffer.interface import DueBuffer
from dueline.task_store.interface import Dispatching
from dueline.usecases.dispatch_due import Dispatched, dispatch_due, dispatch_from_store
from dueline.usecases.refill_buffer import PAGE, refill_buffer
from dueline.usecases.sweep import sweep_lane, sweep_leases
from dueline.work_queue.interface import WorkQueue

log = logging.getLogger(__name__)

STOP_MARGIN = timedelta(seconds=2)  # for the answer, and for a last publish to end
DEGRADED_POLL = timedelta(milliseconds=100)  # how often the store is asked while Redis is down
NOTHING = Dispatched(0, 0)


@dataclass(slots=True)
class TickReport:
    """What one tick did; the answer of function `tick`."""

    passes: int = 0
    loaded: int = 0
    sent: int = 0
    unsent: int = 0
    overdue: int = 0
    unclaimed: int = 0
    lost_leases: int = 0
    degraded_passes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """What a tick works with."""

    lanes: Sequence[Lane]
    store: Dispatching
    buffer: DueBuffer
    queue: WorkQueue
    clock: Clock
    settings: Settings
    remaining: Callable[[], timedelta]


def run_tick(tick: Tick) -> TickReport:
    """Loop until the time is nearly up, so that a cron of one minute gives lateness in ms.

    Each pass: 1. at most once in `longest_wait`, sweep; 2. refill and dispatch every lane, again
    and again while more is due; 3. wait until `lead` before the next due time, or until `schedule`
    announces an earlier one. Any number of ticks may overlap: they share the work. A crash
    anywhere leaves what each step's own docstring says.

    A server that does not answer does not end the tick: while Redis is down tasks go out
    straight from the store; while PostgreSQL or the broker is down the tick waits and tries again.
    """
    report = TickReport()
    swept_at: datetime | None = None
    while tick.remaining() > STOP_MARGIN:
        report.passes += 1
        try:
            tick.clock.sync(older_than=SYNC_EVERY)
            now = tick.clock.now()
            if swept_at is None or now - swept_at >= tick.settings.longest_wait:
                _sweep_all(tick, report)
                swept_at = now
            if not _dispatch_all(tick, report):
                _wait(tick)
        except BackendUnavailable as error:
            log.warning("tick: %s", error, extra={"event": "backend_unavailable"})
            _go_on_without(error.backend, tick, report)
    return report


def _dispatch_all(tick: Tick, report: TickReport) -> bool:
    """One round over the lanes. Whether a lane has more that could go at once."""
    more = False
    for lane in tick.lanes:
        loaded = refill_buffer(
            lane,
            store=tick.store,
            buffer=tick.buffer,
            now=tick.clock.now(),
            horizon=tick.settings.horizon,
        )
        report.loaded += loaded
        done = _dispatch(tick, lane)
        _count(report, done)
        more = more or loaded >= PAGE or done.sent >= tick.settings.dispatch_batch
    return more


def _dispatch(tick: Tick, lane: Lane) -> Dispatched:
    try:
        return dispatch_due(
            lane,
            store=tick.store,
            buffer=tick.buffer,
            queue=tick.queue,
            clock=tick.clock,
            settings=tick.settings,
            deadline=_publish_deadline(tick),
        )
    except BufferLost:
        # Flushed between the refill and now; the next pass rebuilds it.
        log.warning("due buffer of %s was lost", lane.name, extra={"event": "buffer_lost"})
        return NOTHING


def _sweep_all(tick: Tick, report: TickReport) -> None:
    now = tick.clock.now()
    leases = sweep_leases(store=tick.store, buffer=tick.buffer, now=now, settings=tick.settings)
    report.lost_leases += leases.lost_leases
    for lane in tick.lanes:
        swept = sweep_lane(
            lane,
            store=tick.store,
            buffer=tick.buffer,
            queue=tick.queue,
            now=now,
            settings=tick.settings,
        )
        report.overdue += swept.overdue
        report.unclaimed += swept.unclaimed


def _wait(tick: Tick) -> None:
    now = tick.clock.now()
    due = [at for lane in tick.lanes if (at := tick.buffer.next_due(lane))]
    until = min(
        [at - tick.settings.lead for at in due]
        + [now + tick.settings.longest_wait, now + tick.remaining() - STOP_MARGIN]
    )
    if until > now:
        tick.buffer.wait(tick.lanes, timeout=until - now)


def _go_on_without(backend: str, tick: Tick, report: TickReport) -> None:
    """After a failed pass: dispatch without Redis if that is what failed; then wait a little."""
    pause = tick.settings.longest_wait
    if backend == "redis":
        pause = DEGRADED_POLL
        report.degraded_passes += 1
        try:
            for lane in tick.lanes:
                _count(report, _dispatch_degraded(tick, lane))
        except BackendUnavailable as error:
            log.warning("tick: %s", error, extra={"event": "backend_unavailable"})
    tick.clock.pause(pause)


def _dispatch_degraded(tick: Tick, lane: Lane) -> Dispatched:
    return dispatch_from_store(
        lane,
        store=tick.store,
        queue=tick.queue,
        clock=tick.clock,
        settings=tick.settings,
        deadline=_publish_deadline(tick),
    )


def _publish_deadline(tick: Tick) -> timedelta:
    return min(tick.settings.publish_deadline, max(tick.remaining(), STOP_MARGIN / 2))


def _count(report: TickReport, done: Dispatched) -> None:
    report.sent += done.sent
    report.unsent += done.unsent
