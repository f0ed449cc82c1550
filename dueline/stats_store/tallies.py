"""Sums that both stores make of what they have counted. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping

from dueline.domain.tasks import TaskStatus
from dueline.stats_store.interface import Ran

NONE = -1  # the bucket of a duration that there is not


def with_pending(counts: Mapping[str, int]) -> dict[str, int]:
    """Every status, and "created", with its count: `pending` is what is left of all."""
    known = {status.value: counts.get(status, 0) for status in TaskStatus}
    created = counts.get("created", 0)
    others = sum(count for status, count in known.items() if status != TaskStatus.PENDING)
    return {**known, TaskStatus.PENDING.value: created - others, "created": created}


def ran(counted: Iterable[tuple[int, int, float, float, int]]) -> Ran:
    """Of (bucket of lateness, bucket of run time, sums of seconds, tasks)."""
    lateness: defaultdict[int, int] = defaultdict(int)
    run_time: defaultdict[int, int] = defaultdict(int)
    late_seconds = run_seconds = 0.0
    for late, run, late_sum, run_sum, count in counted:
        late_seconds += late_sum
        run_seconds += run_sum
        if late != NONE:
            lateness[late] += count
        if run != NONE:
            run_time[run] += count
    return Ran(
        lateness=dict(lateness),
        run_time=dict(run_time),
        lateness_seconds=late_seconds,
        run_seconds=run_seconds,
    )
