"""The command line as a whole: what it loads, completes, and says of itself."""

import subprocess
import sys

import pytest

from dueline.cli.commands import COMMANDS
from tests.cli.conftest import Line

NOWHERE = Line("http://127.0.0.1:1")


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_help(name: str) -> None:
    said = NOWHERE.says(name, "--help")

    assert said.startswith(f"Usage: main {name} ")


def test_asking_for_tasks_loads_no_driver_of_a_server() -> None:
    code = (
        "import sys, dueline.cli.task, dueline.cli.schedule;"
        "print([m for m in ('pg8000', 'redis', 'pika', 'boto3', 'chalice') if m in sys.modules])"
    )

    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_a_shell_is_told_how_to_complete(shell: str) -> None:
    assert "_DUELINE_COMPLETE" in NOWHERE.says("completion", shell)


def test_an_address_that_is_none_is_a_usage_error() -> None:
    done = NOWHERE.run("stats", "--url", "localhost:8080")

    assert done.exit_code == 2
    assert "--url" in done.stderr
