"""What a measure is, and what it is given."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.dueline_system import DuelineSystem
from bench.peer_system import PeerSystem
from bench.peers import PEERS, Peer
from bench.servers import Servers
from bench.system import Done, TooSlow, run
from local.services.model import Progress

Figures = Mapping[str, float]


@dataclass(frozen=True, slots=True, kw_only=True)
class Bench:
    """One run of one measure: the servers, an empty folder, and how large it is to be."""

    servers: Servers
    folder: Path
    cache: Path
    scale: float
    say: Progress
    peer: Peer | None = None  # None: dueline

    def size(self, full: int) -> int:
        """A number of tasks, at the scale of this run."""
        return max(100, round(full * self.scale))

    def system(self) -> AbstractContextManager[Any]:
        """The system under test, which starts with empty stores: see bench.system.System."""
        if self.peer is None:
            return self.dueline()
        return PeerSystem(self.peer, self.servers, self.folder, self.cache)

    def done(self, count: int, *, span: float = 0.0) -> Done:
        """See bench.system.run; with more patience where accepting takes long today."""
        try:
            with self.system() as system:
                return run(system, count=count, span=span)
        except TooSlow:
            (self.folder / "starts").unlink(missing_ok=True)
            with self.system() as system:
                return run(system, count=count, span=span, patience=6.0)

    def dueline(self, *, lanes: int = 1) -> DuelineSystem:
        return DuelineSystem(self.servers, self.folder, lanes=lanes)


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One thing to measure. What `run` returns are the figures that `columns` gives a heading."""

    name: str
    title: str
    note: str  # what is measured, in a sentence or two
    columns: Mapping[str, str]
    run: Callable[[Bench], Figures]
    peers: tuple[str, ...] = ()  # who takes part beside dueline, by name

    def takes(self, system: str) -> bool:
        return system == "dueline" or system in self.peers


EVERY_PEER = tuple(peer.name for peer in PEERS)
