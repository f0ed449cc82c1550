"""A platform with functions written on the spot, under the genuine runtime client."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from textwrap import dedent
from typing import Protocol

import pytest

from local.emulator.functions import FunctionConfig
from local.emulator.platform import Platform

from .pipes import Gate, Life

ECHO = "def app(event, context): return event"


class Lines:
    """A log sink that keeps what it is told."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, str]] = []

    def __call__(self, function: str, line: str) -> None:
        self.seen.append((function, line))

    def text(self) -> str:
        return "\n".join(line for _, line in self.seen)


class RunFunction(Protocol):
    def __call__(
        self,
        source: str,
        *,
        handler: str = "app.app",
        timeout: timedelta = timedelta(seconds=20),
        concurrency: int = 1,
        environment: dict[str, str] | None = None,
        freeze: bool = False,
        watch: bool = False,
        on_spawn: Callable[[int], None] | None = None,
    ) -> Platform:
        """A running platform with one function `f`, whose app.py holds `source`."""


@pytest.fixture
def lines() -> Lines:
    return Lines()


@pytest.fixture
def run_function(tmp_path: Path, lines: Lines) -> Iterator[RunFunction]:
    with ExitStack() as running:

        def run(
            source: str,
            *,
            handler: str = "app.app",
            timeout: timedelta = timedelta(seconds=20),
            concurrency: int = 1,
            environment: dict[str, str] | None = None,
            freeze: bool = False,
            watch: bool = False,
            on_spawn: Callable[[int], None] | None = None,
        ) -> Platform:
            (tmp_path / "app.py").write_text(dedent(source))
            config = FunctionConfig(
                name="f",
                folder=tmp_path,
                handler=handler,
                timeout=timeout,
                concurrency=concurrency,
                environment=environment or {},
            )
            platform = Platform(
                [config],
                log=lines,
                freeze=freeze,
                watch=[tmp_path] if watch else [],
                on_spawn=on_spawn,
            )
            return running.enter_context(platform)

        yield run


@pytest.fixture
def gate(tmp_path: Path) -> Iterator[Gate]:
    gate = Gate(tmp_path)
    yield gate
    gate.close()


@pytest.fixture
def life(tmp_path: Path) -> Iterator[Life]:
    life = Life(tmp_path)
    yield life
    life.close()
