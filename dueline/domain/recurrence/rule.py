"""A recurrence as plain values, already checked: parse.py makes them."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from dueline.domain.recurrence.cron import Cron
from dueline.domain.recurrence.every import Every
from dueline.domain.recurrence.exclusion import Exclusion
from dueline.domain.recurrence.instants import Instants
from dueline.domain.recurrence.policies import DstGap, DstOverlap, JitterMode
from dueline.domain.recurrence.rrule import Rrule

NO_EXCLUSION = Exclusion()


@dataclass(frozen=True, slots=True, kw_only=True)
class RecurrenceRule:
    """When a schedule runs. Instants are aware UTC; `starts_at` and `ends_at` are both included.

    `max_runs` cannot be decided from a rule alone: only the schedule knows how many occurrences
    it has made, so the functions that need that number take it as `runs_made`.
    `seed` is what jitter is computed from: the id of the schedule.
    """

    pattern: Cron | Every | Rrule | Instants
    zone: ZoneInfo
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    max_runs: int | None = None
    jitter: timedelta = timedelta(0)
    jitter_mode: JitterMode = JitterMode.HASH
    seed: str = ""
    exclusion: Exclusion = NO_EXCLUSION
    dst_gap: DstGap = DstGap.SHIFT
    dst_overlap: DstOverlap = DstOverlap.FIRST
