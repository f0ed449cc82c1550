"""How much a tenant may ask for."""

from dataclasses import dataclass
from math import ceil


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """None: nothing is said here. 0: no limit."""

    rate: float | None = None  # requests per second, on average
    burst: int | None = None  # requests at once; None: those of a second
    most_waiting: int | None = None  # tasks that have not ended

    def over(self, defaults: "Limits") -> "Limits":
        """What is said here, and the defaults for the rest. A rate brings its own burst."""
        return Limits(
            rate=defaults.rate if self.rate is None else self.rate,
            burst=defaults.burst if self.rate is None and self.burst is None else self.burst,
            most_waiting=(
                defaults.most_waiting if self.most_waiting is None else self.most_waiting
            ),
        )

    @property
    def bucket(self) -> int:
        """How many requests a full bucket is good for."""
        return self.burst or max(1, ceil(self.rate or 0))
