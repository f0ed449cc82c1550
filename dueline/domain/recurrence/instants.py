"""A list of instants, given one by one."""

from bisect import bisect_right
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Instants:
    """Aware UTC instants, sorted, without repetition."""

    instants: tuple[datetime, ...]

    def next_after(self, after: datetime) -> datetime | None:
        """The first of them that is later than `after`."""
        index = bisect_right(self.instants, after)
        return self.instants[index] if index < len(self.instants) else None
