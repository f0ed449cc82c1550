"""What becomes of occurrences that could not be sent in time: decided by policy, never silently."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple


class MissedPolicy(StrEnum):
    """Which of them run. The rest is skipped, each with its reason."""

    LATEST = "latest"  # the last of them runs
    ALL = "all"  # each runs, in order, at a pace
    SKIP = "skip"  # none runs


@dataclass(frozen=True, slots=True, kw_only=True)
class Missed:
    """A schedule's policy for missed occurrences."""

    policy: MissedPolicy = MissedPolicy.LATEST
    within: timedelta | None = timedelta(hours=1)  # none runs that is later than this; None: any
    pace: timedelta = timedelta(seconds=1)  # with `all`: the least time from one start to the next


class Verdict(NamedTuple):
    """One of the two: run at `due_at`, or be skipped because of `skipped`."""

    due_at: datetime | None
    skipped: str | None


def verdicts(
    missed: Missed,
    due_ats: Sequence[datetime],
    *,
    now: datetime,
    later_due: bool,
    paced_until: datetime | None,
) -> Iterator[Verdict]:
    """One for each missed occurrence of a schedule, in the order given: earliest first.

    `due_ats`: when each was to start. `later_due`: whether an occurrence after all of these is due
    by now too. `paced_until`: when the last start is that was paced before.
    """
    start = now if paced_until is None else max(now, paced_until + missed.pace)
    for left, due_at in zip(range(len(due_ats) - 1, -1, -1), due_ats, strict=True):
        if missed.policy is MissedPolicy.SKIP:
            yield Verdict(None, "missed: it could not be sent in time (missed: skip)")
        elif missed.within is not None and now - due_at > missed.within:
            yield Verdict(None, f"missed: by more than {missed.within} (missed: within)")
        elif missed.policy is MissedPolicy.ALL:
            yield Verdict(start, None)
            start += missed.pace
        elif left or later_due:
            yield Verdict(None, "missed: a later one was due as well (missed: latest)")
        else:
            yield Verdict(now, None)
