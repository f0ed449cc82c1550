import subprocess
import sys

SHIPPED = ["echo", "email", "fail", "flaky", "http", "report", "slow"]

LOAD_AND_TELL = """
import sys
from dueline.handler import load_handlers
known = load_handlers(["handlers"])
heavy = {"smtplib", "ssl", "email", "http.client", "urllib3", "csv", "tempfile"}
print(",".join(sorted(known)), ",".join(sorted(heavy & set(sys.modules))), sep="|")
"""


def test_the_package_registers_every_shipped_type_and_imports_nothing_heavy() -> None:
    # In a process of its own: what this one has imported says nothing about a cold start.
    answer = subprocess.run(
        [sys.executable, "-c", LOAD_AND_TELL], capture_output=True, text=True, check=True
    )

    assert answer.stdout == f"{','.join(SHIPPED)}|\n"
