"""What a scenario showed, in figures."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from tests.faults import oracle
from tests.faults.evidence import Evidence


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """`measured` is what the bound is about: usually the time of repair, from the fault until the
    last task was final."""

    evidence: Evidence
    measured: timedelta
    bound: timedelta
    what: str = "repair"
    figures: Mapping[str, object] = field(default_factory=dict)
    also_broken: Sequence[str] = ()

    @property
    def broken(self) -> list[str]:
        found = oracle.violations(self.evidence)
        late = [f"{self.what} took {self.measured}"] if self.measured > self.bound else []
        return [f"{name}: {all_[0]}" for name, all_ in found.items()] + late + [*self.also_broken]

    @property
    def ok(self) -> bool:
        return not self.broken


def describe(name: str, shown: Shown) -> str:
    """A few lines for people."""
    evidence = shown.evidence
    figures = {
        "201s": len(evidence.acknowledged),
        "handler calls": len(evidence.effects),
        "duplicates": evidence.duplicates,
        "latest start": seconds(latest_start(evidence)),
        **shown.figures,
    }
    measured = f"{shown.what} {seconds(shown.measured)} (bound {seconds(shown.bound)})"
    return "\n".join(
        [
            f"{'✓' if shown.ok else '✗'} {name}: {measured}",
            "    " + ", ".join(f"{key} {value}" for key, value in figures.items()),
            *(f"    BROKEN {what}" for what in shown.broken),
        ]
    )


def seconds(duration: timedelta) -> str:
    return f"{duration.total_seconds():.2f} s"


def latest_start(evidence: Evidence) -> timedelta:
    """How late the first call of a handler came, at the worst."""
    asked = {row.id: row.execute_at for row in evidence.rows}
    first: dict[str, datetime] = {}
    for effect in evidence.effects:
        first.setdefault(effect.task_id, effect.started_at)
    return max(
        (at - asked[task_id] for task_id, at in first.items()),
        default=timedelta(0),
    )


def last_end(evidence: Evidence) -> datetime:
    """When the last final status was written. A handler may have ended long before."""
    return max(move.at for move in evidence.moves if move.after in oracle.FINAL)
