"""What runs add up to, and what they must have reached to count for anything."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import timedelta

from dueline.domain.tasks import TaskStatus
from tests.simulation.faults import SERVERS, CallFate, MessageFate
from tests.simulation.run import Run

# Antithesis calls these "sometimes" assertions: a campaign that never came here proved nothing.
TROUBLE_TO_REACH = frozenset(
    {"kill", "hold up", "freeze", "function timeout", "batch given back"}
    | {"flush", "fail over", "lose queue", "forge message", "old message", "poison"}
    | {"kill execute", "freeze execute", "repeat message", "move redis clock", "call off"}
    | {"handler saw that it was called off", "schedule edited"}
    | {f"outage of {server}" for server in SERVERS}
    | {f"{fate} from {s}" for s in SERVERS for fate in CallFate if fate is not CallFate.ANSWERED}
    | {f"message {fate}" for fate in MessageFate}
)
REPAIRS_TO_REACH = {
    "tick: overdue": "sweep S1",
    "tick: unclaimed": "sweep S2",
    "tick: lost_leases": "sweep S3",
    "tick: occurrences": "an expansion by tick",
    "tick: missed": "a missed occurrence",
    "tick: unsent": "a publish that was not confirmed",
    "tick: degraded_passes": "dispatch without Redis",
    "buffer: losses noticed": "a flush seen by lease_due",
    "execute: fenced_out": "a result that came too late",
    "execute: retried": "a retry",
    "execute: given_back": "work given back for want of time",
    "execute: early": "a message before its time",
    "execute: dropped": "a duplicate message",
    "execute: poison": "a message that cannot be read",
    "store: timed out": "a handler that overran its timeout",
    "store: skipped": "a task that expired",
    "store: overlapped": "an occurrence that was dropped for another",
}


@dataclass(slots=True)
class Figures:
    """Sums over runs. Two can be added."""

    runs: int = 0
    turns: int = 0
    accepted: int = 0
    effects: int = 0
    duplicates: int = 0  # calls of a handler whose outcome was never recorded
    slowest_repair: timedelta = timedelta(0)  # from the end of trouble to the last final status
    trouble: Counter[str] = field(default_factory=Counter)
    reports: Counter[str] = field(default_factory=Counter)

    def add_run(self, run: Run) -> None:
        effects = run.effects.ledger
        recorded = {(before.id, outcome.attempt) for before, outcome in run.servers.store.written}
        self.runs += 1
        self.turns += run.scheduler.turns
        self.accepted += len(run.functions.acknowledged)
        self.effects += len(effects)
        self.duplicates += sum((e.task_id, e.attempt) not in recorded for e in effects)
        self.slowest_repair = max(self.slowest_repair, run.final_after)
        self.trouble += run.hazard.seen
        self.reports += run.functions.reports
        self.reports["buffer: losses noticed"] += run.servers.buffer.losses_noticed
        self.reports["store: skipped"] += sum(
            task.status is TaskStatus.SKIPPED for task in run.servers.store.tasks()
        )
        self.reports["store: overlapped"] += sum(
            (task.error or "").startswith("overlap:") for task in run.servers.store.tasks()
        )
        self.reports["store: timed out"] += sum(
            (outcome.error or "").startswith("timed out")
            for _, outcome in run.servers.store.written
        )

    def add(self, other: "Figures") -> None:
        self.runs += other.runs
        self.turns += other.turns
        self.accepted += other.accepted
        self.effects += other.effects
        self.duplicates += other.duplicates
        self.slowest_repair = max(self.slowest_repair, other.slowest_repair)
        self.trouble += other.trouble
        self.reports += other.reports

    def never_reached(self) -> list[str]:
        return sorted(
            [what for what in TROUBLE_TO_REACH if not self.trouble[what]]
            + [what for name, what in REPAIRS_TO_REACH.items() if not self.reports[name]]
        )
