"""A harness that is killed leaves no process of a function behind."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.eventually import eventually

from .pipes import Life

ROOT = Path(__file__).parents[2]

HARNESS = """
import sys, threading
from datetime import timedelta
from pathlib import Path
from local.emulator.functions import FunctionConfig
from local.emulator.platform import Platform

folder, life, freeze = Path(sys.argv[1]), sys.argv[2], sys.argv[3] == "freeze"
config = FunctionConfig(
    name="f", folder=folder, timeout=timedelta(minutes=10), environment={"LIFE": life}
)
platform = Platform([config], log=print, freeze=freeze)
platform.start()
platform.invoke("f", b"{}")
print("answered", flush=True)
threading.Event().wait()
"""

IDLE = f"""
import os
{Life.BEGIN}
def app(event, context): return None
"""
BUSY = f"""
import os, threading
def app(event, context):
    {Life.BEGIN}
    threading.Event().wait()
"""
BUSY_WITH_A_CHILD = f"""
import os, subprocess
def app(event, context):
    {Life.BEGIN}
    subprocess.run(["sleep", "600"], stdout=life)
"""

StartHarness = Callable[[str, str], "subprocess.Popen[str]"]


@pytest.fixture
def start_harness(tmp_path: Path, life: Life) -> Iterator[StartHarness]:
    with ExitStack() as running:

        def start(source: str, mode: str) -> "subprocess.Popen[str]":
            (tmp_path / "app.py").write_text(source)
            harness = subprocess.Popen(
                [sys.executable, "-c", HARNESS, str(tmp_path), life.environment["LIFE"], mode],
                cwd=ROOT,
                stdout=subprocess.PIPE,
                text=True,
            )
            running.enter_context(harness)
            running.callback(harness.kill)
            eventually(life.has_begun)
            return harness

        yield start


@pytest.mark.parametrize("mode", ["warm", "freeze"])
def test_a_waiting_process_ends_with_the_harness(
    start_harness: StartHarness, life: Life, mode: str
) -> None:
    harness = start_harness(IDLE, mode)
    assert harness.stdout is not None
    assert harness.stdout.readline() == "answered\n"

    harness.kill()

    assert eventually(life.has_ended)


@pytest.mark.parametrize("source", [BUSY, BUSY_WITH_A_CHILD])
def test_a_running_handler_ends_with_the_harness(
    start_harness: StartHarness, life: Life, source: str
) -> None:
    harness = start_harness(source, "warm")
    assert not life.has_ended()

    harness.kill()

    assert eventually(life.has_ended)
