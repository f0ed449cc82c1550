"""Everything that the due buffer writes into Redis: names of keys, members and scores.

All keys of a lane carry one hash tag, so a script may touch them together on a cluster. A member
is the task's id without its dashes, a colon and the fence: with up to seven digits of fence it
takes 40 bytes, and a waiting task 84 (Valkey 9) to 144 bytes (Redis 7) in all. A score is in
whole milliseconds, which Lua's numbers carry exactly.
"""

from datetime import UTC, datetime, timedelta

from dueline.domain.lanes import Lane
from dueline.domain.tasks import DuePlace, TaskRef

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_MICROSECOND = timedelta(microseconds=1)


def due(lane: Lane) -> str:
    """Sorted set of what is waiting, by due time."""
    return f"{_tag(lane)}:due"


def in_flight(lane: Lane) -> str:
    """Sorted set of what is leased to a tick, by the end of the lease on Redis' clock."""
    return f"{_tag(lane)}:in_flight"


def watermark(lane: Lane) -> str:
    """String: "<loaded until, in microseconds>[/<id>]:<number of lanes of the queue>", with an id
    where of the tasks that are due then those up to it are loaded, not yet all."""
    return f"{_tag(lane)}:watermark"


def wake_channel(lane: Lane) -> str:
    """Pub/sub channel on which put announces that the lane's earliest due time has changed."""
    return f"{_tag(lane)}:wake"


def watermark_value(lane: Lane, place: DuePlace) -> str:
    up_to = "" if place.id is None else f"/{place.id}"
    return f"{(place.due_at - _EPOCH) // _MICROSECOND}{up_to}:{lane.count}"


def read_watermark(lane: Lane, value: str | None) -> DuePlace | None:
    """The place in a watermark, None if there is none for this number of lanes.

    It is exact, unlike a score: a refill that goes on from before the last task of a full page
    would read the same page for ever.
    """
    place, _, count = (value or "").partition(":")
    if count != str(lane.count):
        return None
    until, _, up_to = place.partition("/")
    return DuePlace(_EPOCH + int(until) * _MICROSECOND, up_to or None)


def to_member(ref: TaskRef) -> str:
    return f"{ref.id.replace('-', '')}:{ref.fence}"


def from_member(member: str) -> TaskRef:
    m = member
    return TaskRef(f"{m[:8]}-{m[8:12]}-{m[12:16]}-{m[16:20]}-{m[20:32]}", int(m[33:]))


def to_score(instant: datetime) -> int:
    """Milliseconds since 1970, rounded down."""
    return (instant - _EPOCH) // _MILLISECOND


def from_score(score: float) -> datetime:
    return _EPOCH + score * _MILLISECOND


def _tag(lane: Lane) -> str:
    return f"{{dueline:{lane.name}}}"
