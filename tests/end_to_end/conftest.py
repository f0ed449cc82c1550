"""A whole local run for the tests of this folder."""

import json
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.request import Request, urlopen

import pytest

from local.harness import Harness
from local.options import Options

CACHE = Path(__file__).parents[2] / ".dueline" / "cache"  # the downloads of `make run-local`


class Api:
    """The HTTP API of a local run, as a client sees it."""

    def __init__(self, url: str) -> None:
        self.url = url

    def post(self, path: str, body: object) -> dict[str, Any]:
        data = json.dumps(body).encode()
        headers = {"Content-Type": "application/json"}
        return self._ask(Request(f"{self.url}{path}", data, headers))  # noqa: S310 - our own

    def get(self, path: str) -> dict[str, Any]:
        return self._ask(Request(f"{self.url}{path}"))  # noqa: S310 - our own

    def delete(self, path: str) -> None:
        urlopen(Request(f"{self.url}{path}", method="DELETE"), timeout=10).close()  # noqa: S310

    def task(self, task_id: str) -> dict[str, Any]:
        return self.get(f"/tasks/{task_id}")

    def _ask(self, request: Request) -> dict[str, Any]:
        with urlopen(request, timeout=10) as answer:  # noqa: S310 - our own
            found: dict[str, Any] = json.load(answer)
            return found


@pytest.fixture(scope="session")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Harness]:
    """Two execute environments over whatever servers this machine offers."""
    options = Options(
        data=tmp_path_factory.mktemp("run"), port=0, execute=2, environ=os.environ, cache=CACHE
    )
    said: list[str] = []
    log: Callable[[str, str], None] = lambda function, line: said.append(f"{function}: {line}")  # noqa: E731
    with Harness(options, say=said.append, log=log) as harness:
        yield harness


@pytest.fixture(scope="session")
def api(run: Harness) -> Api:
    return Api(run.url)
