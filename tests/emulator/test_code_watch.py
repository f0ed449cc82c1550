"""Which changes of files are seen."""

from collections.abc import Callable
from pathlib import Path

import pytest

from local.emulator.code_watch import snapshot


@pytest.fixture
def source(tmp_path: Path) -> Path:
    folder = tmp_path / "source"
    (folder / "sql").mkdir(parents=True)
    (folder / "__pycache__").mkdir()
    (folder / "app.py").write_text("1")
    (folder / "sql" / "claim.sql").write_text("1")
    return folder


@pytest.mark.parametrize(
    "change",
    [
        lambda folder: (folder / "app.py").write_text("22"),
        lambda folder: (folder / "sql" / "claim.sql").write_text("22"),
        lambda folder: (folder / "sql" / "new.sql").write_text(""),
        lambda folder: (folder / "sql" / "claim.sql").unlink(),
    ],
    ids=["changed", "changed below", "added", "removed"],
)
def test_a_change_is_seen(source: Path, change: Callable[[Path], None]) -> None:
    before = snapshot([source])

    change(source)

    assert snapshot([source]) != before


@pytest.mark.parametrize("name", ["__pycache__/app.pyc", ".app.py.swp"])
def test_what_tools_leave_behind_is_not_looked_at(source: Path, name: str) -> None:
    before = snapshot([source])

    (source / name).write_text("")

    assert snapshot([source]) == before


def test_a_single_file_may_be_watched(source: Path) -> None:
    assert list(snapshot([source / "app.py"])) == [str(source / "app.py")]


def test_a_place_that_is_not_there_yet_is_seen_when_it_comes(tmp_path: Path) -> None:
    place = tmp_path / "later"
    before = snapshot([place])

    place.mkdir()
    (place / "app.py").write_text("")

    assert before == {}
    assert list(snapshot([place])) == [str(place / "app.py")]
