"""A rule in plain English."""

from datetime import datetime, timedelta

from dueline.domain.recurrence.cron import Cron
from dueline.domain.recurrence.cron_syntax import explain
from dueline.domain.recurrence.every import Every
from dueline.domain.recurrence.exclusion import Exclusion
from dueline.domain.recurrence.instants import Instants
from dueline.domain.recurrence.policies import DstGap, DstOverlap, JitterMode
from dueline.domain.recurrence.rrule import Rrule
from dueline.domain.recurrence.rrule_words import explain_rrule
from dueline.domain.recurrence.rule import RecurrenceRule
from dueline.domain.recurrence.wording import counted, duration_in_words

_NAMED_DAYS = 5  # more are counted, not named
_GAP = {
    DstGap.SHIFT: "run once, at the first instant after the gap",
    DstGap.SKIP: "do not run",
}
_OVERLAP = {
    DstOverlap.FIRST: "the first pass runs",
    DstOverlap.SECOND: "the second pass runs",
    DstOverlap.BOTH: "both passes run",
}


def describe(rule: RecurrenceRule) -> str:
    """Sentences on all that the rule says: when, in which zone, DST policies, limits, jitter."""
    sentences = [
        _when(rule),
        *_clock_changes(rule),
        *_limits(rule),
        *_jitter(rule),
        *_exclusions(rule.exclusion),
    ]
    return " ".join(f"{sentence}." for sentence in sentences)


def _when(rule: RecurrenceRule) -> str:
    match rule.pattern:
        case Cron() as cron:
            return f"{explain(cron)}, {rule.zone.key} time"
        case Rrule() as rrule:
            return f"{explain_rrule(rrule)}, {rule.zone.key} time"
        case Every(interval=interval, anchor=anchor):
            return f"Every {duration_in_words(interval)}, counted from {_local(rule, anchor)}"
        case Instants(instants=instants):
            first, last = _local(rule, instants[0]), _local(rule, instants[-1])
            count = len(instants)
    return f"Once, at {first}" if count == 1 else f"{count} times, from {first} to {last}"


def _clock_changes(rule: RecurrenceRule) -> list[str]:
    if not isinstance(rule.pattern, Cron | Rrule) or rule.zone.key in {"UTC", "Etc/UTC"}:
        return []
    if rule.pattern.follows_clock:
        return ["It follows the clock: repeated time counts twice, skipped time does not come"]
    skipped = f"Times that the clock skips {_GAP[rule.dst_gap]} (dst_gap: {rule.dst_gap})"
    passes = f"{_OVERLAP[rule.dst_overlap]} (dst_overlap: {rule.dst_overlap})"
    repeated = f"of those that it repeats, {passes}"
    return [f"{skipped}; {repeated}"]


def _limits(rule: RecurrenceRule) -> list[str]:
    limits = []
    if rule.starts_at is not None:
        limits.append(f"Not before {_local(rule, rule.starts_at)}")
    if rule.ends_at is not None:
        limits.append(f"Not after {_local(rule, rule.ends_at)}")
    if rule.max_runs is not None:
        limits.append(f"At most {counted(rule.max_runs, 'run')}")
    return limits


def _jitter(rule: RecurrenceRule) -> list[str]:
    if rule.jitter == timedelta(0):
        return []
    same = rule.jitter_mode is JitterMode.HASH
    kind = "the same for every run" if same else "another for each run"
    return [f"Each run starts up to {duration_in_words(rule.jitter)} later, a delay that is {kind}"]


def _exclusions(exclusion: Exclusion) -> list[str]:
    sentences = []
    if exclusion.days:
        days = [day.isoformat() for day in sorted(exclusion.days)]
        more = f" and {len(days) - _NAMED_DAYS} more days" if len(days) > _NAMED_DAYS else ""
        sentences.append(f"Not on {', '.join(days[:_NAMED_DAYS])}{more}")
    sentences += [f"Not during: {_lower_first(explain(cron))}" for cron in exclusion.crons]
    return sentences


def _local(rule: RecurrenceRule, instant: datetime) -> str:
    return instant.astimezone(rule.zone).isoformat(sep=" ")


def _lower_first(words: str) -> str:
    return words[0].lower() + words[1:]
