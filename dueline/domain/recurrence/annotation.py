"""Why an occurrence is not quite what the rule says at first sight, in one word."""

from datetime import datetime, timedelta
from typing import Literal

from dueline.domain.recurrence.cron import Cron
from dueline.domain.recurrence.dst import gap_ending_at, transition_at
from dueline.domain.recurrence.policies import DstGap
from dueline.domain.recurrence.rrule import Rrule
from dueline.domain.recurrence.rule import RecurrenceRule

Note = Literal["dst_gap", "dst_fold", "jittered"]


def annotate(rule: RecurrenceRule, occurrence: datetime) -> Note | None:
    """The first that holds for an occurrence (a nominal instant that next_after() gave).

    dst_gap: it stands for one or more fixed times that the clock jumps over.
    dst_fold: the clock reads its time twice on that day.
    jittered: due_at() is not the occurrence itself.
    Elapsed intervals and lists of instants know nothing of the clock, and so of dst_*.
    """
    if isinstance(rule.pattern, Cron | Rrule):
        if _stands_for_a_gap(rule, rule.pattern, occurrence):
            return "dst_gap"
        if transition_at(rule.zone, occurrence.astimezone(rule.zone).replace(tzinfo=None, fold=0)):
            return "dst_fold"
    return "jittered" if rule.jitter > timedelta(0) else None


def _stands_for_a_gap(rule: RecurrenceRule, walls: Cron | Rrule, occurrence: datetime) -> bool:
    if walls.follows_clock or rule.dst_gap is DstGap.SKIP:
        return False
    gap = gap_ending_at(rule.zone, occurrence)
    if gap is None:
        return False
    reading = walls.at_or_after(gap.first_reading)
    return reading is not None and reading < gap.end_reading
