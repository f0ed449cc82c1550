"""When a schedule runs: rules, their occurrences, and what they mean in words.

    rule = parse_rule({"cron": "0 9 * * MON-FRI", "timezone": "Europe/Berlin"}, seed=schedule_id)
    occurrence = next_after(rule, after)       # the nominal instant: the occurrence's name
    due = due_at(rule, occurrence)             # plus jitter: when it is to start

Pure functions: time comes in as aware datetimes, instants go out in UTC. Zone rules come from
the tzdata package, whose version is TZDATA_VERSION. docs/recurrence.md has the meaning of it all.
"""

from dueline.domain.recurrence.annotation import Note, annotate
from dueline.domain.recurrence.description import describe
from dueline.domain.recurrence.forecast import warnings
from dueline.domain.recurrence.invalid import InvalidRecurrence
from dueline.domain.recurrence.jitter import due_at
from dueline.domain.recurrence.occurrences import between, next_after
from dueline.domain.recurrence.parse import parse_rule
from dueline.domain.recurrence.policies import DstGap, DstOverlap, JitterMode
from dueline.domain.recurrence.rule import RecurrenceRule
from dueline.domain.recurrence.zones import TZDATA_VERSION

__all__ = [
    "TZDATA_VERSION",
    "DstGap",
    "DstOverlap",
    "InvalidRecurrence",
    "JitterMode",
    "Note",
    "RecurrenceRule",
    "annotate",
    "between",
    "describe",
    "due_at",
    "next_after",
    "parse_rule",
    "warnings",
]
