"""`python -m local api` beside a whole local run, over the same servers."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from local.harness import Harness
from local.options import ROOT
from tests.end_to_end.conftest import Api
from tests.end_to_end.test_tasks import ended

pytestmark = pytest.mark.harness
Running = subprocess.Popen[str]


@pytest.fixture
def process(run: Harness, tmp_path: Path) -> Iterator[Running]:
    command = [sys.executable, "-m", "local", "api", "--port", "0", "--data", str(tmp_path)]
    environment = {**os.environ, **run.environment}
    with subprocess.Popen(
        command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True
    ) as process:
        yield process
        process.kill()


@pytest.fixture
def direct(process: Running) -> Api:
    assert process.stdout is not None
    return Api(next(line.split()[1] for line in process.stdout if line.startswith("API ")))


def test_a_task_that_it_takes_runs(direct: Api) -> None:
    task = ended(direct, {"type": "echo", "payload": {"said": "ä"}})

    assert (task["status"], task["result"]) == ("completed", {"said": "ä"})


def test_callers_at_the_same_time_each_have_their_task(direct: Api) -> None:
    numbers = range(200)

    def scheduled(number: int) -> str:
        body = {"type": "echo", "payload": {"number": number}, "delay": 3600}
        return str(direct.post("/schedule", body)["task_id"])

    with ThreadPoolExecutor(8) as callers:
        ids = list(callers.map(scheduled, numbers))

    assert [direct.task(each)["payload"] for each in ids] == [{"number": n} for n in numbers]


def test_it_ends_when_asked_to(process: Running, direct: Api) -> None:
    assert direct.get("/livez") == {"status": "live"}

    process.send_signal(signal.SIGTERM)

    assert process.wait(20) == 0


def test_an_address_that_others_reach_wants_access_to_be_decided(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "local", "api", "--host", "0.0.0.0", "--data", str(tmp_path)]  # noqa: S104
    environment = {name: value for name, value in os.environ.items() if "DUELINE" not in name}

    done = subprocess.run(
        command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )

    assert (done.returncode, "DUELINE_ACCESS" in done.stderr) == (2, True)
    assert done.stdout == ""
