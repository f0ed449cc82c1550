"""All that is known after a run: the client's file, PostgreSQL's rows and moves, the ledger."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from tests.faults.database import Database
from tests.faults.ledger import Effect, Ledger


class Row(NamedTuple):
    """A task at the end."""

    id: str
    status: str
    attempt: int
    max_attempts: int
    execute_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    result: str | None  # number of an effect
    attempts: tuple[int, ...]  # those that have a row in `attempts`
    failed_attempts: tuple[int, ...]  # of these, the ones that failed; the others lost their lease
    schedule_id: str | None = None  # the schedule that made it,
    occurrence_at: str | None = None  # and for which instant


class Move(NamedTuple):
    """A change of status or fence, in the order in which PostgreSQL made them."""

    task_id: str
    before: str | None
    after: str
    fence_before: int | None
    fence_after: int
    attempt: int
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """Of one run."""

    acknowledged: Sequence[str]
    rows: Sequence[Row]
    moves: Sequence[Move]
    effects: Sequence[Effect]
    promised: Mapping[str, int] = field(default_factory=dict)  # schedule → occurrences (max_runs)

    @property
    def duplicates(self) -> int:
        """Calls of a handler whose outcome was never recorded, neither as result nor as failure:
        the task was run again, or will have been run for nothing."""
        results = {row.result for row in self.rows}
        failures = {(row.id, attempt) for row in self.rows for attempt in row.failed_attempts}
        return sum(
            effect.number not in results and (effect.task_id, effect.attempt) not in failures
            for effect in self.effects
        )


_ROWS = """
SELECT id, status, attempt, max_attempts, execute_at, started_at, finished_at,
       result #>> '{}' AS result, schedule_id, occurrence_at,
       ARRAY(SELECT attempt FROM attempts WHERE task_id = tasks.id ORDER BY attempt) AS attempts,
       ARRAY(SELECT attempt FROM attempts WHERE task_id = tasks.id AND outcome = 'failed')
         AS failed_attempts
  FROM tasks
 WHERE id IN (SELECT task_id FROM fault_moves WHERE before IS NULL AND number > :since)
"""
_PROMISED = "SELECT id, (rule ->> 'max_runs')::int AS runs FROM schedules"
_MOVES = """
SELECT task_id, before, after, fence_before, fence_after, attempt, at
  FROM fault_moves WHERE number > :since ORDER BY number
"""


def gather(
    database: Database, ledger: Ledger, acknowledged: Sequence[str], *, since: int
) -> Evidence:
    """What is known of the tasks that were inserted after that move."""
    rows = [_row(found) for found in database.objects(_ROWS, since=since)]
    ids = {row.id for row in rows}
    promised = {found["id"]: found["runs"] for found in database.objects(_PROMISED)}
    moves = [_move(found) for found in database.objects(_MOVES, since=since)]
    return Evidence(
        acknowledged=acknowledged,
        rows=rows,
        moves=[move for move in moves if move.task_id in ids],
        effects=[effect for effect in ledger.effects() if effect.task_id in ids],
        promised=promised,
    )


def _row(found: dict[str, Any]) -> Row:
    instants = {name: _instant(found[name]) for name in ("started_at", "finished_at")}
    execute_at = datetime.fromisoformat(found["execute_at"])
    lists = {name: tuple(found[name]) for name in ("attempts", "failed_attempts")}
    return Row(**{**found, **instants, **lists, "execute_at": execute_at})


def _move(found: dict[str, Any]) -> Move:
    return Move(**{**found, "at": datetime.fromisoformat(found["at"])})


def _instant(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
