"""What the tests of local/services need: a clean environment, and programs that live a while."""

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from local.services.model import Command
from local.services.watchdog import Watchdog

ROOT = Path(__file__).resolve().parents[2]
# Kept between runs of the tests, so that only the first of them downloads.
CACHE = ROOT / ".dueline" / "cache"

MakeCommand = Callable[[str], Command]


@pytest.fixture(scope="session")
def environ() -> dict[str, str]:
    """The environment without any choice of servers."""
    return {name: value for name, value in os.environ.items() if not name.startswith("DUELINE_")}


@pytest.fixture
def watchdog() -> Iterator[Watchdog]:
    with Watchdog() as running:
        yield running


@pytest.fixture
def python_command(tmp_path: Path) -> MakeCommand:
    """A command that runs these lines of Python and then waits for a signal."""

    def make(lines: str) -> Command:
        return Command(
            argv=(sys.executable, "-S", "-c", f"import signal\n{lines}\nsignal.pause()"),
            environ={},
            folder=tmp_path,
            log=tmp_path / "log",
        )

    return make
