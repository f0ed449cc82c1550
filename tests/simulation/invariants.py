"""What must hold after a run, whatever went wrong in it."""

from collections import Counter
from collections.abc import Callable, Iterator

from dueline.domain.overlap import Overlap
from dueline.domain.tasks import FINAL, TaskStatus
from tests.simulation.recurring import instants_of
from tests.simulation.run import Run

WAITING = (TaskStatus.PENDING, TaskStatus.QUEUED)
Checker = Callable[[Run], Iterator[str]]


def nothing_accepted_is_lost(run: Run) -> Iterator[str]:
    """I1."""
    there = {task.id for task in run.servers.store.tasks()}
    for task_id in run.functions.acknowledged:
        if task_id not in there:
            yield f"{task_id} was acknowledged and is not there"


def a_final_status_is_reached_once_and_never_left(run: Run) -> Iterator[str]:
    """I2."""
    for move in run.servers.store.moves:
        if move.before.status in FINAL:
            yield f"{move.before.id} went from {move.before.status} to {move.after.status}"
    ends = Counter(m.after.id for m in run.servers.store.moves if m.after.status in FINAL)
    for task_id, times in ends.items():
        if times > 1:
            yield f"{task_id} ended {times} times"


def what_completed_was_run(run: Run) -> Iterator[str]:
    """I3."""
    ran = {effect.task_id for effect in run.effects.ledger}
    for task in run.servers.store.tasks():
        if task.status is TaskStatus.COMPLETED and task.id not in ran:
            yield f"{task.id} completed without having been run"


def nothing_starts_early(run: Run) -> Iterator[str]:
    """I4, by the database's clock."""
    for effect in run.effects.ledger:
        early = max(effect.due_at, effect.execute_at) - effect.started_at
        if early.total_seconds() > 0:
            yield f"{effect.task_id} started {early} early"


def a_stale_attempt_writes_nothing(run: Run) -> Iterator[str]:
    """I5: only the attempt that holds the task writes, and the result is its own."""
    for before, outcome in run.servers.store.written:
        if (before.status, before.attempt) != (TaskStatus.RUNNING, outcome.attempt):
            yield (
                f"{before.id} was {before.status}, attempt {before.attempt}, when attempt "
                f"{outcome.attempt} wrote that it {outcome.status}"
            )
    for task in run.servers.store.tasks():
        if task.status is TaskStatus.COMPLETED and task.result is not None:
            effect = run.effects.ledger[int(task.result)]
            if (effect.task_id, effect.attempt) != (task.id, task.attempt):
                yield f"{task.id} has the result of attempt {effect.attempt} of {effect.task_id}"


def a_claim_takes_only_what_waits(run: Run) -> Iterator[str]:
    """I6: nothing is done by two. A task that someone holds is given to nobody else."""
    for move in run.servers.store.moves:
        if move.after.status is TaskStatus.RUNNING and move.before.status not in WAITING:
            yield f"{move.before.id} was claimed while {move.before.status}"


def an_old_fence_claims_nothing(run: Run) -> Iterator[str]:
    """I7."""
    for asked, task_id, fence in run.servers.store.granted:
        if asked.fence + 1 != fence:
            yield f"{task_id}: a claim with fence {asked.fence} was given fence {fence}"


def no_more_attempts_than_allowed(run: Run) -> Iterator[str]:
    """I8."""
    for task in run.servers.store.tasks():
        if task.attempt > task.retry.max_attempts:
            yield f"{task.id}: {task.attempt} attempts of {task.retry.max_attempts}"


def nothing_waits_and_flies_at_once(run: Run) -> Iterator[str]:
    """I9."""
    if run.servers.buffer.ever_in_both:
        yield "a task was waiting and in flight at once"


def everything_comes_to_rest(run: Run) -> Iterator[str]:
    """I10: within the bound every task is final, and no buffer or queue holds anything."""
    if run.rested_after is not None:
        return
    for task in run.servers.store.tasks():
        if task.status not in FINAL:
            yield f"{task.id} ({task.type}) is still {task.status}, due {task.due_at}"
    for where, count in run.servers.buffer.left().items():
        if count:
            yield f"{count} tasks left {where}"
    for lane in run.functions.settings.lanes.all():
        if depth := run.servers.broker.depth(lane):
            yield f"{depth} messages left in {lane.name}"


def poison_is_kept(run: Run) -> Iterator[str]:
    """I11: a message that cannot be read is acked, and a person can look at it."""
    kept: Counter[str] = Counter()
    for poison in run.servers.store.poison.values():
        kept[poison.lane] += poison.times
    for lane, acked in run.platform.poison_acked.items():
        if kept[lane] < acked:
            yield f"{acked} unreadable messages of {lane} were acked, {kept[lane]} are kept"


def no_lease_ends_before_its_time(run: Run) -> Iterator[str]:
    """I12: work is taken only from those who stopped renewing."""
    for at, before, _ in run.servers.store.leases_ended:
        if before.lease_until is None or before.lease_until >= at:
            yield f"{before.id} was taken from {before.worker} before {before.lease_until}"


def every_attempt_is_accounted_for(run: Run) -> Iterator[str]:
    """I13: attempts 1 to n of a task that ended: the last one succeeded, or each has its row."""
    for task in run.servers.store.tasks():
        if task.status in FINAL:
            rows = [row.attempt for row in run.servers.store.attempts(task.tenant, task.id)]
            succeeded = task.status is TaskStatus.COMPLETED
            if rows != list(range(1, task.attempt + 1 - succeeded)):
                yield f"{task.id} {task.status} after {task.attempt} attempts, rows for {rows}"


def every_instant_has_one_task(run: Run) -> Iterator[str]:
    """I14: no occurrence of an accepted schedule is missing, and none is doubled."""
    if run.rested_after is None:
        return
    for schedule in run.functions.schedules.values():
        tasks = [t for t in run.servers.store.tasks() if t.schedule_id == schedule.id]
        made = Counter(task.occurrence_at for task in tasks)
        for at in instants_of(schedule):
            if made.pop(at, 0) != 1:
                yield f"{schedule.id} {schedule.rule}: not one task for {at}"
        if made:
            yield f"{schedule.id} {schedule.rule}: tasks for {sorted(map(str, made))}"


def what_is_skipped_says_why(run: Run) -> Iterator[str]:
    """I15."""
    for task in run.servers.store.tasks():
        if task.status is TaskStatus.SKIPPED and not task.error:
            yield f"{task.id} was skipped without a reason"


def what_may_not_overlap_does_not(run: Run) -> Iterator[str]:
    """I16: of a schedule that does not allow it, one occurrence runs at a time."""
    running: dict[str, set[str]] = {}
    for move in run.servers.store.moves:
        task = move.after
        if task.schedule_id is None or task.overlap is Overlap.ALLOW:
            continue
        others = running.setdefault(task.schedule_id, set())
        others.discard(task.id)
        if task.status is TaskStatus.RUNNING:
            if others:
                yield f"{task.id} ran beside {others}, overlap: {task.overlap}"
            others.add(task.id)


def what_was_called_off_never_starts(run: Run) -> Iterator[str]:
    """I14: once a cancel is answered with `cancelled`, no handler is called any more."""
    for effect in run.effects.ledger:
        at = run.servers.store.called_off.get(effect.task_id)
        if at is not None and effect.started_at > at:
            yield f"{effect.task_id} was called off at {at}, and started at {effect.started_at}"


CHECKERS: tuple[Checker, ...] = (
    nothing_accepted_is_lost,
    a_final_status_is_reached_once_and_never_left,
    what_completed_was_run,
    nothing_starts_early,
    a_stale_attempt_writes_nothing,
    a_claim_takes_only_what_waits,
    an_old_fence_claims_nothing,
    no_more_attempts_than_allowed,
    nothing_waits_and_flies_at_once,
    everything_comes_to_rest,
    poison_is_kept,
    no_lease_ends_before_its_time,
    every_attempt_is_accounted_for,
    what_was_called_off_never_starts,
    every_instant_has_one_task,
    what_is_skipped_says_why,
    what_may_not_overlap_does_not,
)


def violations(run: Run) -> list[str]:
    """Everything that is wrong with a finished run, in words; empty if nothing is."""
    return [f"{check.__name__}: {what}" for check in CHECKERS for what in check(run)]
