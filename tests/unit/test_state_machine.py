"""Enum, table of moves, database CHECK and picture are one state machine."""

import re
from pathlib import Path

import pytest

from dueline.domain.errors import ForbiddenMove
from dueline.domain.tasks import FINAL, MOVES, TaskStatus, check_move

ROOT = Path(__file__).resolve().parents[2]


def test_the_picture_shows_exactly_the_moves_of_the_table() -> None:
    picture = (ROOT / "docs" / "state-machine.md").read_text()

    drawn = set(re.findall(r"^    (\w+) --> (\w+)", picture, re.MULTILINE))

    assert drawn == {(old.value, new.value) for old, news in MOVES.items() for new in news}


def test_the_database_knows_exactly_the_statuses_of_the_enum() -> None:
    schema = (ROOT / "schema.sql").read_text()

    check = re.search(r"tasks_status_is_known CHECK \(status IN\s*\(([^)]*)\)", schema)

    assert check is not None
    assert re.findall(r"'(\w+)'", check[1]) == [status.value for status in TaskStatus]


def test_the_database_wants_a_finish_time_for_exactly_the_final_statuses() -> None:
    schema = (ROOT / "schema.sql").read_text()

    check = re.search(r"tasks_finished_when_final CHECK \(\s*\(status IN \(([^)]*)\)", schema)

    assert check is not None
    assert set(re.findall(r"'(\w+)'", check[1])) == {status.value for status in FINAL}


def test_a_final_status_is_left_only_by_a_persons_retry() -> None:
    leaving = {(old, new) for old in FINAL for new in MOVES[old]}

    assert leaving == {(TaskStatus.FAILED, TaskStatus.PENDING)}


def test_a_move_that_the_machine_lacks_is_refused() -> None:
    check_move(TaskStatus.PENDING, TaskStatus.RUNNING)

    with pytest.raises(ForbiddenMove, match="completed to running"):
        check_move(TaskStatus.COMPLETED, TaskStatus.RUNNING)
