"""A peer as a system under test: its processes, in its own environment, on the shared servers."""

import os
import secrets
import signal
import subprocess
import threading
import time
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import Self

from bench.peers import Peer
from bench.peers.environments import command
from bench.servers import Servers, postgres
from bench.system import Incomplete, Plan

SETTLE_SECONDS = 4.0  # for workers to start and connect: not all of them say when they have
ANSWER_SECONDS = 300.0
END_SECONDS = 5.0


class PeerSystem:
    """Each run has a database, a queue and a Redis of its own."""

    def __init__(self, peer: Peer, servers: Servers, folder: Path, cache: Path) -> None:
        self.peer = peer
        self.name = peer.name
        self.quickest_accept = peer.quickest_accept
        self.starts = folder / "starts"
        self._log = folder / "log"
        self._servers = servers
        self._command = command(peer, cache)
        self._to_close = ExitStack()

    def __enter__(self) -> Self:
        self._servers.flush()
        self.database = self._servers.database()
        self._to_close.callback(self._servers.drop, self.database)
        self.environment = {
            **{name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
            **self.peer.environment,
            "BENCH_AMQP": self._servers.amqp_url,
            "BENCH_POSTGRES": self.database,
            "BENCH_QUEUE": f"bench-{secrets.token_hex(4)}",
            "BENCH_REDIS": self._servers.redis_url,
            "BENCH_STARTS": str(self.starts),
            "PYTHONWARNINGS": "ignore",
        }
        try:
            self._watch = self._to_close.enter_context(postgres(self.database))
            self._read_answer(self.spawn("setup"))
            for part in self.peer.parts:
                self.spawn(part)
            time.sleep(SETTLE_SECONDS)
        except BaseException:
            self._to_close.close()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._to_close.close()

    def add(self, plan: Plan) -> float:
        return self.accept(plan, bulk=self.peer.bulk and plan.span == 0)

    def accept(self, plan: Plan, *, bulk: bool) -> float:
        """Accept one by one, or by the peer's call for many; the seconds its program counted."""
        words = ("bulk" if bulk else "add", str(plan.count), str(plan.first), str(plan.span))
        return float(self._read_answer(self.spawn(*words)))

    def recorded(self) -> bool | None:
        if not self.peer.recorded:
            return None
        [[recorded]] = self._watch.run(self.peer.recorded)
        return bool(recorded)

    def spawn(self, *words: str) -> "subprocess.Popen[str]":
        """Run a command of the peer's program until the system ends."""
        with self._log.open("a") as log:
            process = subprocess.Popen(
                [*self._command, *words],
                cwd=self._log.parent,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                process_group=0,
            )
        self._to_close.callback(_end, process)
        return process

    def _read_answer(self, process: "subprocess.Popen[str]") -> str:
        """The one line that a command prints; nothing for one that has nothing to say."""
        assert process.stdout is not None
        watchdog = threading.Timer(ANSWER_SECONDS, _end, (process,))
        watchdog.start()
        line = process.stdout.readline().strip()
        watchdog.cancel()
        if not line and process.wait() != 0:
            raise Incomplete(f"{self.name}: {self._log.read_text()[-2_000:]}")
        return line


def _end(process: "subprocess.Popen[str]") -> None:
    """The process and its children: they are in a group of their own."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, number)
        except ProcessLookupError:
            break
        try:
            process.wait(END_SECONDS)
        except subprocess.TimeoutExpired:
            continue
    process.wait()
