"""Wall-clock readings to instants, where the clock jumps over some and reads others twice.

The rule: a pattern that follows the clock (an interval rule) runs whenever the clock really reads
a matching time. Every other pattern is made of fixed times, and the DST policies decide: those in
a gap run once together at the first instant after it, or not at all; one in a fold runs at its
first pass, its second, or both. So an interval rule is the case "skip" and "both".

Readings are naive datetimes in whole seconds. PEP 495 is what tells gap and fold apart: the
offset of a reading with fold=0 is that before the transition, with fold=1 that after it.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo

from dueline.domain.recurrence.policies import DstGap, DstOverlap

_SECOND = timedelta(seconds=1)


class WallTimes(Protocol):
    """A pattern that is matched against readings of the wall clock."""

    @property
    def follows_clock(self) -> bool:
        """Whether it is a rhythm (an interval rule) and not a set of fixed times."""

    def at_or_after(self, wall: datetime) -> datetime | None:
        """The first matching reading not before `wall`."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Transition:
    """A change of a zone's offset, and the readings that it takes away (gap) or repeats (fold)."""

    at: datetime  # the first instant with the new offset
    before: timedelta
    after: timedelta

    @property
    def is_gap(self) -> bool:
        return self.after > self.before

    @property
    def first_reading(self) -> datetime:
        """The first reading that is missing or repeated."""
        return _plain(self.at) + min(self.before, self.after)

    @property
    def end_reading(self) -> datetime:
        """The first reading that is neither any more."""
        return _plain(self.at) + max(self.before, self.after)


def transition_at(zone: ZoneInfo, wall: datetime) -> Transition | None:
    """The transition that makes this reading missing or repeated; None for nearly all readings."""
    before, after = _offset(zone, wall), _offset(zone, wall.replace(fold=1))
    if before == after:
        return None
    wall = wall.replace(microsecond=0)
    first, second = sorted((wall - before, wall - after))
    return Transition(at=_change_between(zone, first, second), before=before, after=after)


def first_instant(zone: ZoneInfo, wall: datetime) -> datetime:
    """When the clock first reads `wall` or, if it jumps over it, the first instant after that."""
    transition = transition_at(zone, wall)
    if transition is not None and transition.is_gap:
        return transition.at
    return _instant(wall, _offset(zone, wall))


def gap_ending_at(zone: ZoneInfo, instant: datetime) -> Transition | None:
    """The gap after which this is the first instant, if it is that."""
    utc = _plain(instant)
    before, after = _offset_at(zone, utc - _SECOND), _offset_at(zone, utc)
    if after <= before:
        return None
    return Transition(at=utc.replace(tzinfo=UTC), before=before, after=after)


def transitions_between(zone: ZoneInfo, start: datetime, end: datetime) -> list[Transition]:
    """The zone's transitions in (start, end], found by looking once a day.

    Two that undo each other within one day would not be seen; no zone has had that since 1970.
    """
    found = []
    low = _plain(start)
    while low < _plain(end):
        high = min(low + timedelta(days=1), _plain(end))
        before, after = _offset_at(zone, low), _offset_at(zone, high)
        if before != after:
            at = _change_between(zone, low, high)
            found.append(Transition(at=at, before=before, after=after))
        low = high
    return found


def next_instant(
    walls: WallTimes, zone: ZoneInfo, gap: DstGap, overlap: DstOverlap, after: datetime
) -> datetime | None:
    """The first instant later than `after` at which the pattern runs in this zone."""
    if walls.follows_clock:
        gap, overlap = DstGap.SKIP, DstOverlap.BOTH
    local = after.astimezone(zone).replace(microsecond=0)
    wall = local.replace(tzinfo=None, fold=0) + _SECOND
    fold = transition_at(zone, wall - _SECOND)
    if fold is not None:
        found = _rest_of_fold(walls, fold, overlap, wall, second_pass=local.fold == 1)
        if found is not None:
            return found
        wall = fold.end_reading
    while (reading := walls.at_or_after(wall)) is not None:
        transition = transition_at(zone, reading)
        if transition is None:
            return _instant(reading, _offset(zone, reading))
        if not transition.is_gap:
            second = overlap is DstOverlap.SECOND
            return _instant(reading, transition.after if second else transition.before)
        if gap is DstGap.SHIFT:
            return transition.at
        wall = transition.end_reading
    return None


def _rest_of_fold(
    walls: WallTimes, fold: Transition, overlap: DstOverlap, wall: datetime, *, second_pass: bool
) -> datetime | None:
    """The first run in what is left of a fold, from the reading `wall` of one of its passes on."""
    end = fold.end_reading
    if not second_pass:
        if overlap is not DstOverlap.SECOND:
            reading = walls.at_or_after(wall)
            if reading is not None and reading < end:
                return _instant(reading, fold.before)
        wall = fold.first_reading
    if overlap is DstOverlap.FIRST:
        return None
    reading = walls.at_or_after(wall)
    return _instant(reading, fold.after) if reading is not None and reading < end else None


def _change_between(zone: ZoneInfo, low: datetime, high: datetime) -> datetime:
    """The first instant in (low, high] whose offset is not that of `low`. All in plain UTC."""
    before = _offset_at(zone, low)
    while high - low > _SECOND:
        middle = low + ((high - low) // 2 // _SECOND) * _SECOND
        if _offset_at(zone, middle) == before:
            low = middle
        else:
            high = middle
    return high.replace(tzinfo=UTC)


def _offset(zone: ZoneInfo, wall: datetime) -> timedelta:
    return zone.utcoffset(wall) or timedelta(0)  # None is for times without a date only


def _offset_at(zone: ZoneInfo, utc: datetime) -> timedelta:
    return utc.replace(tzinfo=UTC).astimezone(zone).utcoffset() or timedelta(0)


def _instant(wall: datetime, offset: timedelta) -> datetime:
    return (wall - offset).replace(tzinfo=UTC)


def _plain(instant: datetime) -> datetime:
    """The instant in UTC, without saying so, in whole seconds: arithmetic on it is faster."""
    return instant.astimezone(UTC).replace(tzinfo=None, microsecond=0)
