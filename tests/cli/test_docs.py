"""Every example of docs/cli.md runs, in the order of the page, and prints what the page shows."""

import re
import shlex
from pathlib import Path

from dueline.cli.exits import Exit
from tests.cli.conftest import Line
from tests.contract.app_server import completing, served
from tests.functions.memory_services import MemoryServices

PAGE = (Path(__file__).parents[2] / "docs" / "cli.md").read_text()


def test_the_examples_run_and_print_what_is_shown() -> None:
    services = MemoryServices()

    with served(services, completing(services)) as url:
        for block in re.findall(r"```console\n(.*?)```", PAGE, re.DOTALL):
            for command, shown in re.findall(r"\$ dueline (.*)\n((?:[^$].*\n|\n)*)", block):
                said = Line(url).says(*shlex.split(command))
                assert said == shown or not shown


def test_every_exit_code_is_on_the_page() -> None:
    table = {int(code) for code in re.findall(r"^\| ([0-9]+) \|", PAGE, re.MULTILINE)}

    assert table == {0, *map(int, Exit), 130}
