"""A load that is due at one moment, asked for by several clients, and what became of it."""

import threading
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta

from tests.faults.client import Client
from tests.faults.deployment import Deployment
from tests.faults.evidence import Evidence, gather
from tests.faults.run import await_rest

BATCH = 50  # tasks of a request
CLIENTS = 4  # as many environments as `schedule` has here


@dataclass(frozen=True, slots=True, kw_only=True)
class Burst:
    """Tasks that were acknowledged, and the move after which they were inserted."""

    deployment: Deployment
    clients: Sequence[Client]
    since: int

    def acknowledged(self) -> list[str]:
        return [task_id for client in self.clients for task_id in client.acknowledged()]

    def waiting(self) -> int:
        """How many are still pending."""
        return self._count("pending")

    def running(self) -> int:
        return self._count("running")

    def queued(self) -> int:
        return self._count("queued")

    def rest(self, *, within: timedelta) -> Evidence:
        """Wait until all are final, or the time is over; then what is known."""
        await_rest(self.deployment, self.since, within=within)
        return gather(
            self.deployment.database,
            self.deployment.ledger,
            self.acknowledged(),
            since=self.since,
        )

    def _count(self, status: str) -> int:
        [[count]] = self.deployment.database.run(
            "SELECT count(*) FROM tasks WHERE status = :status", status=status
        )
        return int(count)


def ask_for(
    deployment: Deployment, instants: Sequence[datetime | None], *, seconds: float = 0.0
) -> Burst:
    """Ask for a task for each instant (None: now), in batches, by a few clients side by side."""
    since = deployment.database.last_move()
    clients = [deployment.client(f"{since}-{number}") for number in range(CLIENTS)]

    def ask(client: Client, share: Sequence[datetime | None]) -> None:
        for start in range(0, len(share), BATCH):
            client.ask_for({"seconds": seconds}, share[start : start + BATCH])

    threads = [
        threading.Thread(target=ask, args=(client, instants[number::CLIENTS]))
        for number, client in enumerate(clients)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with ExitStack() as stack:
        for client in clients:
            stack.callback(client.close)
    return Burst(deployment=deployment, clients=clients, since=since)
