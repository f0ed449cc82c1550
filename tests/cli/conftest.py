"""The command line, run in this process against the API over memory adapters."""

import json
from collections.abc import Iterator
from typing import Any

import pytest
from click.testing import CliRunner, Result

from dueline.cli import main
from tests.contract.app_server import served
from tests.functions.memory_services import MemoryServices


class Line:
    """A terminal at which `dueline` is typed."""

    def __init__(self, url: str) -> None:
        self.url = url
        self._environment = {"DUELINE_URL": url, "DUELINE_API_KEY": None}

    def run(self, *words: str, typed: str | None = None) -> Result:
        return CliRunner().invoke(main, words, input=typed, env=self._environment)

    def says(self, *words: str) -> str:
        """What it printed; it must have ended well."""
        done = self.run(*words)
        assert done.exit_code == 0, done.output
        return done.stdout

    def json(self, *words: str) -> Any:
        return json.loads(self.says(*words, "-o", "json"))


@pytest.fixture
def services() -> MemoryServices:
    return MemoryServices()


@pytest.fixture
def line(services: MemoryServices) -> Iterator[Line]:
    with served(services) as url:
        yield Line(url)
