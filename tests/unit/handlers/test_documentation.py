import re
import subprocess
import sys
from pathlib import Path

from dueline.handler import load_handlers

DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "handlers.md"

RUN_BOTH = """
from dueline.handler import load_handlers
from test_invoices import test_a_repeated_attempt_writes_the_same_invoice
test_a_repeated_attempt_writes_the_same_invoice()
assert "invoice" in load_handlers(["invoices"])
"""


def test_the_sample_and_its_test_run_as_printed(tmp_path: Path) -> None:
    handler, its_test = re.findall(r"```python\n(.*?)```", DOCUMENT.read_text(), re.DOTALL)
    (tmp_path / "invoices.py").write_text(handler)
    (tmp_path / "test_invoices.py").write_text(its_test)

    # In a process of its own, so that the sample's type is not registered for other tests.
    subprocess.run([sys.executable, "-c", RUN_BOTH], cwd=tmp_path, check=True)

    assert (tmp_path / "invoices.db").exists()


def test_the_table_of_shipped_handlers_is_complete() -> None:
    _, _, shipped = DOCUMENT.read_text().partition("## The shipped handlers")

    documented = set(re.findall(r"^\| `(\w+)`", shipped, re.MULTILINE))
    assert documented == set(load_handlers(["handlers"]))
