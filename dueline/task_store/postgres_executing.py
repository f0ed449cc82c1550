"""What PostgreSQL does for function `execute` (interface.Executing)."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from dueline.domain.outcomes import Outcome
from dueline.domain.tasks import TaskRef
from dueline.task_store import parameters, rows
from dueline.task_store.connection import Connection
from dueline.task_store.driver_errors import ValueRefused
from dueline.task_store.interface import Claimed, Renewed
from dueline.task_store.unstorable import failed_for_result, storable_text


class PostgresExecuting:
    """Statements on a connection that it shares with the rest of the store, and on another, so that
    outcomes are recorded while more is claimed."""

    _connection: Connection
    _recording: Connection

    def claim(
        self,
        refs: Sequence[TaskRef],
        *,
        now: datetime,
        until: datetime,
        lease: timedelta,
        worker: str,
    ) -> Claimed:
        """As promised. Not repeated when the connection breaks: if only the answer was lost, the
        tasks run under a fence that nobody knows, and a second claim would find none of them.
        Their leases run out, and a sweep gives them on.
        """
        if not refs:
            return Claimed([], [])
        values = parameters.of_refs(refs) | {
            "now": now.isoformat(),
            "until": until.isoformat(),
            "lease": parameters.interval(lease),
            "worker": worker,
        }
        [answer] = self._connection.run("claim", values, repeat=False)
        claims, early = answer[: rows.CLAIM_COLUMNS], answer[rows.CLAIM_COLUMNS :]
        return Claimed(
            claims=[rows.claim(cells) for cells in rows.unfolded(claims)],
            early=[rows.queue_and_due_task(cells) for cells in rows.unfolded(early)],
        )

    def renew(self, refs: Sequence[TaskRef], *, now: datetime, lease: timedelta) -> Renewed:
        if not refs:
            return Renewed(set(), set())
        values = parameters.of_refs(refs) | {"lease_until": (now + lease).isoformat()}
        [renewed] = self._recording.run("renew", values)
        held = list(rows.unfolded(renewed))
        return Renewed(
            held={task_id for task_id, _ in held},
            cancelled={task_id for task_id, cancel in held if cancel == "true"},
        )

    def record(self, outcomes: Sequence[Outcome], *, worker: str) -> set[str]:
        if not outcomes:
            return set()
        values = parameters.of_outcomes(outcomes) | {"worker": worker}
        try:
            [recorded] = self._recording.run("record", values)
        except ValueRefused as refusal:
            return self._record_apart(outcomes, refusal, worker=worker)
        return {task_id for [task_id] in rows.unfolded(recorded)}

    def _record_apart(
        self, outcomes: Sequence[Outcome], refusal: ValueRefused, *, worker: str
    ) -> set[str]:
        """Halve the batch until the outcome that cannot be stored stands alone."""
        if len(outcomes) > 1:
            middle = len(outcomes) // 2
            return self.record(outcomes[:middle], worker=worker) | self.record(
                outcomes[middle:], worker=worker
            )
        [outcome] = outcomes
        if outcome.result is None:
            raise refusal
        return self.record([failed_for_result(outcome, str(refusal))], worker=worker)

    def keep_poison(self, body: bytes, *, reason: str, lane: str, now: datetime) -> None:
        values = {
            "body": f"\\x{body.hex()}",
            "lane": storable_text(lane),
            "reason": storable_text(reason),
            "now": now.isoformat(),
        }
        self._connection.run("keep_poison", values)
