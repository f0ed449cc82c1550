"""The error codes: one table in the source, one in the documentation."""

import ast
import re
from pathlib import Path

from dueline.http_api.problems import KINDS

ROOT = Path(__file__).resolve().parents[3]
CODE = re.compile(r"[A-Z]+(_[A-Z]+)+|UNAUTHENTICATED|FORBIDDEN")


def test_the_documentation_lists_every_code_with_its_status_and_whether_to_retry() -> None:
    rows = re.findall(
        r"^\| `([A-Z_]+)` \| (\d+) \| (yes|no) \| .+ \| .+ \|$",
        (ROOT / "docs/errors.md").read_text(),
        re.MULTILINE,
    )

    documented = [(code, int(status), retry == "yes") for code, status, retry in rows]

    assert documented == [(code, kind.status, kind.retryable) for code, kind in KINDS.items()]


def test_the_source_answers_every_code_of_the_table_and_no_other() -> None:
    folders = (ROOT / "dueline/http_api", ROOT / "dueline/usecases")
    files = [path for folder in folders for path in folder.glob("*.py")]

    answered = {
        node.value
        for path in files
        if path.name != "problems.py"
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant)
        and isinstance(node.value, str)
        and CODE.fullmatch(node.value)
    }

    assert answered == set(KINDS)
