"""The size and shape of the code, held by a test so that it cannot drift."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
FOLDERS = ("dueline", "functions", "handlers", "local", "tests", "bench", "infra", "tools")
MOST_LINES_OF_A_FUNCTION = 40
MOST_LINES_OF_A_FILE = 300
MOST_LINES_OF_A_HANDLER_FILE = 40


def python_files(*folders: str) -> list[Path]:
    return [path for folder in folders for path in sorted((ROOT / folder).rglob("*.py"))]


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


@pytest.mark.parametrize("path", python_files(*FOLDERS), ids=name_of)
def test_no_file_and_no_function_is_too_long(path: Path) -> None:
    source = path.read_text()

    assert len(source.splitlines()) <= MOST_LINES_OF_A_FILE
    long = [
        f"{node.name}: {node.end_lineno - node.lineno + 1} lines"
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and node.end_lineno is not None
        and node.end_lineno - node.lineno + 1 > MOST_LINES_OF_A_FUNCTION
    ]
    assert long == []


@pytest.mark.parametrize("path", sorted((ROOT / "functions").glob("*/app.py")), ids=name_of)
def test_a_function_only_translates(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= MOST_LINES_OF_A_HANDLER_FILE


def test_only_clock_py_reads_a_wall_clock() -> None:
    reads = re.compile(r"datetime\.now\(|time\.time\(|utcnow\(|date\.today\(")

    readers = {name_of(path) for path in python_files("dueline") if reads.search(path.read_text())}

    assert readers <= {"dueline/clock.py"}


def test_no_test_sleeps_or_patches() -> None:
    forbidden = re.compile(
        r"time\.sleep\(|mock\.patch|monkeypatch\.setattr|from unittest import mock"
    )

    sinners = [
        name_of(path)
        for path in python_files("tests")
        if path != Path(__file__) and forbidden.search(path.read_text())
    ]

    assert sinners == []


def test_every_sql_and_lua_file_begins_with_its_contract() -> None:
    bare = [
        name_of(path)
        for pattern in ("*.sql", "*.lua")
        for path in (ROOT / "dueline").rglob(pattern)
        if not path.read_text().startswith("--")
    ]

    assert bare == []
