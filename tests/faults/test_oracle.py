"""Each checker is seen to fire: evidence of a planted bug, beside evidence of a good run."""

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from tests.faults import oracle
from tests.faults.evidence import Evidence, Move, Row
from tests.faults.ledger import Effect

DUE = datetime(2026, 6, 1, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)
Bug = Callable[[Evidence], Evidence]


def good() -> Evidence:
    """Task a failed once and completed; task b completed at once."""
    return Evidence(
        acknowledged=["a", "b"],
        rows=[
            Row("a", "completed", 2, 5, DUE, DUE + SECOND, DUE + SECOND, "a2", (1,), (1,)),
            Row("b", "completed", 1, 5, DUE, DUE, DUE + SECOND, "b1", (), (), "s", "noon"),
        ],
        moves=[
            move("a", None, "pending", None, 0, 0),
            move("a", "pending", "queued", 0, 0, 0),
            move("a", "queued", "running", 0, 1, 1),
            move("a", "running", "pending", 1, 2, 1),
            move("a", "pending", "running", 2, 3, 2),
            move("a", "running", "completed", 3, 3, 2),
            move("b", None, "pending", None, 0, 0),
            move("b", "pending", "running", 0, 1, 1),
            move("b", "running", "completed", 1, 1, 1),
        ],
        effects=[
            Effect("a1", "a", 1, DUE, DUE),
            Effect("a2", "a", 2, DUE + SECOND, DUE + SECOND),
            Effect("b1", "b", 1, DUE, DUE),
        ],
        promised={"s": 1},
    )


def move(
    task_id: str, before: str | None, after: str, old: int | None, new: int, attempt: int
) -> Move:
    return Move(task_id, before, after, old, new, attempt, DUE)


def first_row(**changes: object) -> Bug:
    def plant(evidence: Evidence) -> Evidence:
        row = evidence.rows[0]._replace(**changes)  # type: ignore[arg-type]
        return replace(evidence, rows=[row, *evidence.rows[1:]])

    return plant


def more_moves(*moves: Move) -> Bug:
    return lambda evidence: replace(evidence, moves=[*evidence.moves, *moves])


BUGS: dict[oracle.Checker, Bug] = {
    oracle.nothing_accepted_is_lost: lambda e: replace(e, acknowledged=["a", "b", "c"]),
    oracle.a_final_status_is_reached_once_and_never_left: more_moves(
        move("b", "completed", "pending", 1, 2, 1)
    ),
    oracle.what_completed_was_run: lambda e: replace(e, effects=e.effects[:2]),
    oracle.nothing_starts_early: lambda e: replace(
        e, effects=[e.effects[0]._replace(started_at=DUE - SECOND / 1000), *e.effects[1:]]
    ),
    oracle.a_stale_attempt_writes_nothing: first_row(result="a1"),
    oracle.a_claim_takes_only_what_waits: more_moves(move("a", "running", "running", 3, 4, 3)),
    oracle.every_change_of_hands_raises_the_fence: more_moves(
        move("b", "queued", "pending", 1, 1, 1)
    ),
    oracle.every_occurrence_has_one_task: lambda e: replace(e, promised={"s": 2}),
    oracle.no_more_attempts_than_allowed: first_row(max_attempts=1),
    oracle.everything_comes_to_rest: first_row(status="running", finished_at=None),
    oracle.every_attempt_is_accounted_for: first_row(attempts=()),
}


@pytest.mark.parametrize("checker", oracle.CHECKERS, ids=lambda checker: checker.__name__)
def test_a_planted_bug_is_found(checker: oracle.Checker) -> None:
    assert checker.__name__ in oracle.violations(BUGS[checker](good()))


def test_a_good_run_is_called_good() -> None:
    assert oracle.violations(good()) == {}


def test_a_call_whose_outcome_was_never_recorded_counts_as_a_duplicate() -> None:
    lost = Effect("b0", "b", 1, DUE, DUE)
    evidence = good()

    assert evidence.duplicates == 0
    assert replace(evidence, effects=[*evidence.effects, lost]).duplicates == 1
