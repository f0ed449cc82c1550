"""What must hold after a run on real servers. The numbers are those of docs/faults.md."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterator

from tests.faults.evidence import Evidence

FINAL = frozenset({"completed", "failed", "cancelled", "skipped"})
WAITING = frozenset({"pending", "queued"})
Checker = Callable[[Evidence], Iterator[str]]


def nothing_accepted_is_lost(evidence: Evidence) -> Iterator[str]:
    """I1."""
    there = {row.id for row in evidence.rows}
    for task_id in evidence.acknowledged:
        if task_id not in there:
            yield f"{task_id} was acknowledged and is not there"


def a_final_status_is_reached_once_and_never_left(evidence: Evidence) -> Iterator[str]:
    """I2."""
    ends: Counter[str] = Counter()
    for move in evidence.moves:
        ends[move.task_id] += move.after in FINAL
        if move.before in FINAL:
            yield f"{move.task_id} went from {move.before} to {move.after}"
    for task_id, times in ends.items():
        if times > 1:
            yield f"{task_id} ended {times} times"


def what_completed_was_run(evidence: Evidence) -> Iterator[str]:
    """I3."""
    ran = {effect.task_id for effect in evidence.effects}
    for row in evidence.rows:
        if row.status == "completed" and row.id not in ran:
            yield f"{row.id} completed without having been run"


def nothing_starts_early(evidence: Evidence) -> Iterator[str]:
    """I4, by the clock of the machine that PostgreSQL runs on."""
    asked = {row.id: row.execute_at for row in evidence.rows}
    for effect in evidence.effects:
        early = max(effect.due_at, asked[effect.task_id]) - effect.started_at
        if early.total_seconds() > 0:
            yield f"{effect.task_id} started {early} early"


def a_stale_attempt_writes_nothing(evidence: Evidence) -> Iterator[str]:
    """I5: a result is that of the attempt that held the task when it was written."""
    effects = {effect.number: effect for effect in evidence.effects}
    for row in evidence.rows:
        if row.status == "completed":
            effect = effects.get(row.result or "")
            if effect is None or (effect.task_id, effect.attempt) != (row.id, row.attempt):
                yield f"{row.id}, attempt {row.attempt}, has the result {row.result}: {effect}"


def a_claim_takes_only_what_waits(evidence: Evidence) -> Iterator[str]:
    """I6."""
    for move in evidence.moves:
        if move.after == "running" and move.before not in WAITING:
            yield f"{move.task_id} was claimed while {move.before}"


def every_change_of_hands_raises_the_fence(evidence: Evidence) -> Iterator[str]:
    """I7: fences never fall; a claim, a retry and a sweep raise them by one."""
    for move in evidence.moves:
        if move.fence_before is None:
            continue
        kept = move.after == "queued" or move.after in FINAL
        rise = move.fence_after - move.fence_before
        if rise not in ({0, 1} if kept else {1}):
            yield f"{move.task_id} from {move.before} to {move.after}: the fence rose by {rise}"


def every_occurrence_has_one_task(evidence: Evidence) -> Iterator[str]:
    """I14: no instant of a schedule is without a task, and none has two."""
    made = Counter((row.schedule_id, row.occurrence_at) for row in evidence.rows)
    for schedule_id, runs in evidence.promised.items():
        instants = [times for (of, _), times in made.items() if of == schedule_id]
        if instants != [1] * runs:
            yield f"{schedule_id} was to run {runs} times, and has tasks per instant {instants}"


def no_more_attempts_than_allowed(evidence: Evidence) -> Iterator[str]:
    """I8."""
    for row in evidence.rows:
        if row.attempt > row.max_attempts:
            yield f"{row.id}: {row.attempt} attempts of {row.max_attempts}"


def everything_comes_to_rest(evidence: Evidence) -> Iterator[str]:
    """I10."""
    for row in evidence.rows:
        if row.status not in FINAL:
            yield f"{row.id} is still {row.status}"


def every_attempt_is_accounted_for(evidence: Evidence) -> Iterator[str]:
    """I13."""
    for row in evidence.rows:
        if row.status in FINAL:
            last = row.attempt - (row.status == "completed")
            if row.attempts != tuple(range(1, last + 1)):
                yield f"{row.id} {row.status} in attempt {row.attempt}: rows for {row.attempts}"


CHECKERS: tuple[Checker, ...] = (
    nothing_accepted_is_lost,
    a_final_status_is_reached_once_and_never_left,
    what_completed_was_run,
    nothing_starts_early,
    a_stale_attempt_writes_nothing,
    a_claim_takes_only_what_waits,
    every_change_of_hands_raises_the_fence,
    every_occurrence_has_one_task,
    no_more_attempts_than_allowed,
    everything_comes_to_rest,
    every_attempt_is_accounted_for,
)


def violations(evidence: Evidence) -> dict[str, list[str]]:
    """What is wrong, by checker; empty if nothing is."""
    found: dict[str, list[str]] = defaultdict(list)
    for check in CHECKERS:
        found[check.__name__] += check(evidence)
    return {name: what for name, what in found.items() if what}
