"""Fixed intervals of elapsed time."""

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True, kw_only=True)
class Every:
    """anchor, anchor + interval, anchor + 2 intervals, ...: elapsed time, without a wall clock."""

    interval: timedelta
    anchor: datetime

    def next_after(self, after: datetime) -> datetime | None:
        """The first instant of the series that is later than `after`."""
        steps = max(0, (after - self.anchor) // self.interval + 1)
        try:
            return self.anchor + steps * self.interval
        except OverflowError:  # past the year 9999
            return None
