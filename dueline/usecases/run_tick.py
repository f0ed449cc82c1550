"""One tick: look after some lanes for as long as the invocation has time."""

import logging
from collections.abc import Callable, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta

from dueline.clock import SYNC_EVERY, Clock
from dueline.config import Settings
from dueline.domain.errors import BackendUnavailable, BufferLost
from dueline.domain.lanes import Lane
from dueline.due_buffer.interface import DueBuffer
from dueline.schedule_store.interface import ScheduleStore
from dueline.stats_store.interface import Keeping
from dueline.task_store.interface import Dispatching
from dueline.usecases.dispatch_due import Dispatched, dispatch_due, dispatch_from_store
from dueline.usecases.gauge_waiting import GAUGE_EVERY, gauge_waiting
from dueline.usecases.heartbeat import Heartbeat
from dueline.usecases.look_after_schedules import look_after_schedules
from dueline.usecases.mark_sent import Unmarked
from dueline.usecases.refill_buffer import PAGE, refill_buffer
from dueline.usecases.sweep import sweep_lane, sweep_leases
from dueline.work_queue.interface import WorkQueue

log = logging.getLogger(__name__)

STOP_MARGIN = timedelta(seconds=2)  # for the answer, and for a last publish to end
DEGRADED_POLL = timedelta(milliseconds=100)  # how often the store is asked while Redis is down
# In a lane's work queue, before more than one full round is sent: what an `execute` is given next
ENOUGH_MESSAGES = 100
HELD_FOR = timedelta(milliseconds=20)  # then its depth is asked again
# While a lane is behind, what is overdue there is late and not lost. To read thousands of tasks
# each second to see that once more would only hold up their turn (docs/decisions/0012)
LOST_AGAIN = timedelta(seconds=5)
NOTHING = Dispatched([], 0)


@dataclass(slots=True)
class TickReport:
    """What one tick did; the answer of function `tick`."""

    passes: int = 0
    loaded: int = 0
    sent: int = 0
    unsent: int = 0
    occurrences: int = 0
    missed: int = 0
    overdue: int = 0
    unclaimed: int = 0
    lost_leases: int = 0
    degraded_passes: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Tick:
    """What a tick works with."""

    lanes: Sequence[Lane]
    store: Dispatching
    schedules: ScheduleStore
    stats: Keeping
    buffer: DueBuffer
    queue: WorkQueue
    clock: Clock
    settings: Settings
    remaining: Callable[[], timedelta]


def run_tick(tick: Tick) -> TickReport:
    """Loop until the time is nearly up, so that a cron of one minute gives lateness in ms.

    Each pass: 1. refill and dispatch every lane, again and again while more is due and `execute`
    keeps up; 2. at most once in `longest_wait`, mark what was sent some seconds ago, look after the
    schedules and sweep, now and again say that the tick is at work, and once a minute how long the
    oldest task waits; 3. wait until `lead` before the next due time, or until `schedule` announces
    an earlier one. A tick that begins, or could not do 2 for a while, does it before 1: what
    becomes of missed occurrences is decided before they are sent. A tick that ends marks the rest.
    Ticks may overlap and share the work. A crash leaves what each step's own docstring says.

    A server that does not answer does not end the tick: while Redis is down tasks go out
    straight from the store; while PostgreSQL or the broker is down the tick waits and tries again.
    """
    heart = Heartbeat(tick.lanes, stats=tick.stats, namespace=tick.settings.metrics_namespace)
    state = _State(heart)
    swept_at: datetime | None = None
    gauged_at: datetime | None = None
    while tick.remaining() > STOP_MARGIN:
        state.report.passes += 1
        try:
            now = _synced(tick)
            if gauged_at is None or now - gauged_at >= GAUGE_EVERY:
                _gauge(tick, now)
                gauged_at = now
            if swept_at is None or now - swept_at >= 2 * tick.settings.longest_wait:
                _look_around(tick, state)
                swept_at = now
            more = _dispatch_all(tick, state)
            waited = swept_at is None or now - swept_at >= tick.settings.longest_wait
            if waited or state.more_occurrences:
                _look_around(tick, state)
                swept_at = now
            if not more and not state.more_occurrences:
                _wait(tick, state.held)
        except BackendUnavailable as error:
            log.warning("tick: %s", error, extra={"event": "backend_unavailable"})
            _go_on_without(error.backend, tick, state)
    _end(tick, state)
    return state.report


@dataclass(slots=True)
class _State:
    """What a tick knows from one pass to the next."""

    heart: Heartbeat
    report: TickReport = field(default_factory=TickReport)
    unmarked: Unmarked = field(default_factory=Unmarked)
    full: set[Lane] = field(default_factory=set)  # their last round was a full one
    held: set[Lane] = field(default_factory=set)  # of these, those that `execute` is behind with
    none_lost: dict[Lane, datetime] = field(default_factory=dict)  # when a sweep last found it so
    more_occurrences: bool = False  # there may be more to do for the schedules at once
    outdated: bool = True  # there may be schedules that older time zone rules computed


def _synced(tick: Tick) -> datetime:
    tick.clock.sync(older_than=SYNC_EVERY)
    return tick.clock.now()


def _end(tick: Tick, state: _State) -> None:
    """What cannot be marked any more is sent again when its lease in flight ends."""
    try:
        state.unmarked.mark_all(store=tick.store, buffer=tick.buffer)
        state.heart.last(asdict(state.report), now=tick.clock.now())
    except BackendUnavailable as error:
        log.warning("tick: %s", error, extra={"event": "backend_unavailable"})


def _look_around(tick: Tick, state: _State) -> None:
    """For schedules that have a backlog of occurrences: again at once. Sweeps as often as that."""
    state.unmarked.mark_older(now=tick.clock.now(), store=tick.store, buffer=tick.buffer)
    state.heart.in_time(asdict(state.report), now=tick.clock.now())
    done = look_after_schedules(
        store=tick.schedules,
        buffer=tick.buffer,
        now=tick.clock.now(),
        settings=tick.settings,
        outdated=state.outdated,
    )
    state.report.occurrences += done.made
    state.report.missed += done.missed
    state.more_occurrences, state.outdated = done.more, done.outdated
    _sweep_all(tick, state)


def _dispatch_all(tick: Tick, state: _State) -> bool:
    """One round over the lanes, or over as many as there is time for. Whether a lane has more that
    could go at once."""
    more = False
    for lane in tick.lanes:
        if tick.remaining() <= STOP_MARGIN:
            break
        loaded = refill_buffer(
            lane,
            store=tick.store,
            buffer=tick.buffer,
            now=tick.clock.now(),
            horizon=tick.settings.horizon,
        )
        state.report.loaded += loaded
        sent = _dispatch_or_hold(tick, lane, state)
        more = more or loaded >= PAGE or sent >= tick.settings.dispatch_batch
    return more


def _dispatch_or_hold(tick: Tick, lane: Lane, state: _State) -> int:
    """A round of a lane, unless its last was a full one and enough waits in its work queue: what
    waits there for long costs a change of its row (mark_sent), in the buffer it costs none. How
    many ids were sent."""
    if lane in state.full and tick.queue.depth(lane) >= ENOUGH_MESSAGES:
        state.held.add(lane)
        return 0
    state.held.discard(lane)
    done = _dispatch(tick, lane)
    state.unmarked.add(lane, done.confirmed, now=tick.clock.now())
    _count(state.report, done)
    if len(done.confirmed) >= tick.settings.dispatch_batch:
        state.full.add(lane)
    else:
        state.full.discard(lane)
    return len(done.confirmed)


def _dispatch(tick: Tick, lane: Lane) -> Dispatched:
    try:
        return dispatch_due(
            lane,
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


def _sweep_all(tick: Tick, state: _State) -> None:
    now = tick.clock.now()
    leases = sweep_leases(store=tick.store, buffer=tick.buffer, now=now, settings=tick.settings)
    state.report.lost_leases += leases.lost_leases
    for lane in tick.lanes:
        found = state.none_lost.get(lane) if lane in state.full else None
        swept = sweep_lane(
            lane,
            store=tick.store,
            buffer=tick.buffer,
            queue=tick.queue,
            now=now,
            settings=tick.settings,
            look_for_lost=found is None or now - found >= LOST_AGAIN,
        )
        state.report.overdue += swept.overdue
        state.report.unclaimed += swept.unclaimed
        if swept.none_lost:
            state.none_lost[lane] = now


def _gauge(tick: Tick, now: datetime) -> None:
    queues = dict.fromkeys(lane.queue for lane in tick.lanes)
    gauge_waiting(queues, store=tick.store, now=now, settings=tick.settings)


def _wait(tick: Tick, held: AbstractSet[Lane]) -> None:
    now = tick.clock.now()
    due = [at for lane in tick.lanes if lane not in held and (at := tick.buffer.next_due(lane))]
    longest = HELD_FOR if held else tick.settings.longest_wait
    until = min(
        [at - tick.settings.lead for at in due]
        + [now + longest, now + tick.remaining() - STOP_MARGIN]
    )
    if until > now:
        tick.buffer.wait(tick.lanes, timeout=until - now)


def _go_on_without(backend: str, tick: Tick, state: _State) -> None:
    """After a failed pass: dispatch without Redis if that is what failed; then wait a little."""
    pause = tick.settings.longest_wait
    if backend == "redis":
        pause = DEGRADED_POLL
        state.report.degraded_passes += 1
        try:
            state.unmarked.mark_without_buffer(store=tick.store)
            for lane in tick.lanes:
                _count(state.report, _dispatch_degraded(tick, lane))
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
    # Time is left to mark what was confirmed: what is not marked is sent again, by the next tick.
    return min(tick.settings.publish_deadline, max(tick.remaining(), STOP_MARGIN) - STOP_MARGIN / 2)


def _count(report: TickReport, done: Dispatched) -> None:
    report.sent += len(done.confirmed)
    report.unsent += done.unsent
