"""Results as they are kept in docs/benchmarks: one JSON file for each command."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One run of one measure on one system."""

    measure: str
    system: str
    repetition: int
    figures: Mapping[str, float]
    load: float  # the machine's load average when it began
    began: str = field(default_factory=lambda: datetime.now(UTC).isoformat(timespec="minutes"))
    error: str = ""


@dataclass(slots=True, kw_only=True)
class Results:
    """All runs of one command."""

    machine: Mapping[str, str]
    versions: Mapping[str, str]
    scale: float
    runs: list[Run] = field(default_factory=list)

    def keep_others(self, file: Path, measures: Iterable[str]) -> None:
        """Take over from an earlier file what is not measured anew.

        Unless it had another scale, or comes from another machine: one table has one machine.
        """
        anew = set(measures)
        if file.exists():
            old = Results.read(file)
            if (old.scale, old.machine) == (self.scale, self.machine):
                self.runs += [run for run in old.runs if run.measure not in anew]

    def of(self, measure: str, system: str) -> list[Run]:
        """The repetitions that ended well."""
        return [
            run
            for run in self.runs
            if (run.measure, run.system) == (measure, system) and not run.error
        ]

    def systems(self, measure: str) -> Sequence[str]:
        """Who took part, in order."""
        return list(dict.fromkeys(run.system for run in self.runs if run.measure == measure))

    def write(self, file: Path) -> None:
        file.write_text(json.dumps(asdict(self), indent=1, ensure_ascii=False) + "\n")

    @classmethod
    def read(cls, file: Path) -> "Results":
        kept = json.loads(file.read_text())
        return cls(**kept | {"runs": [Run(**run) for run in kept["runs"]]})
