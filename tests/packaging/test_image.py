"""infra/Dockerfile, without a container engine: what it says, and that its contents run.

Its steps are followed by hand: the artefact, local/ in it, and a Python with the image's pinned
requirements and nothing else.
"""

import json
import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.request import Request, urlopen

import pytest
from ruamel.yaml import YAML

from dueline.config import Settings
from dueline.work_queue.topology import queue_name
from infra.artefact.bytecode import interpreter
from infra.artefact.target import DEFAULT_PYTHON_VERSION, Target
from tests.eventually import eventually
from tests.packaging.bare_python import Python, install_wheels
from tests.packaging.journey import Entry, Environments

ROOT = Path(__file__).resolve().parents[2]
DOCKERFILE = (ROOT / "infra" / "Dockerfile").read_text()
REQUIREMENTS = ROOT / "infra" / "image-requirements.txt"


def test_the_base_is_pinned_and_has_the_python_of_the_artefact() -> None:
    [image] = re.findall(r"^FROM (\S+)", DOCKERFILE, re.MULTILINE)

    assert re.fullmatch(rf"python:{re.escape(DEFAULT_PYTHON_VERSION)}\.\d+-slim-\w+", image)


def test_everything_that_it_installs_is_pinned_by_hash() -> None:
    entries = re.split(r"\n(?=\w)", REQUIREMENTS.read_text())

    assert "--require-hashes" in DOCKERFILE
    assert [entry for entry in entries if "==" in entry and "--hash=sha256:" not in entry] == []


def test_what_it_copies_is_let_through_to_the_build() -> None:
    ignored = (ROOT / "infra" / "Dockerfile.dockerignore").read_text().splitlines()
    let_through = {line.removeprefix("!").rstrip("/") for line in ignored if line.startswith("!")}

    copied = {source.rstrip("/") for source in re.findall(r"^COPY (\S+)", DOCKERFILE, re.MULTILINE)}

    assert copied == let_through


def test_it_does_not_run_as_root() -> None:
    assert re.search(r"^USER (?!root)\w+", DOCKERFILE, re.MULTILINE)


def test_the_manifests_of_the_manual_name_what_there_is() -> None:
    manual = (ROOT / "docs" / "kubernetes.md").read_text()
    blocks = re.findall(r"```yaml\n(.*?)```", manual, re.DOTALL)
    manifests = [each for block in blocks for each in YAML(typ="safe").load_all(block)]
    secret = next(each for each in manifests if each["kind"] == "Secret")
    scaled = next(each for each in manifests if each["kind"] == "ScaledObject")

    settings = Settings.from_env(secret["stringData"])

    queues = [trigger["metadata"]["queueName"] for trigger in scaled["spec"]["triggers"]]
    assert queues == [queue_name(lane) for lane in settings.lanes.all()]


@pytest.fixture
def image(task_root: Path, target: Target, tmp_path: Path) -> Path:
    """The interpreter of an image that has been put together by hand."""
    shutil.copytree(ROOT / "local", task_root / "local")
    folder = tmp_path / "image"
    subprocess.run(
        [interpreter(target.python_version), "-m", "venv", "--without-pip", folder], check=True
    )
    [packages] = folder.glob("lib/python*/site-packages")
    install_wheels(target, packages, "--require-hashes", "--requirement", str(REQUIREMENTS))
    return folder / "bin" / "python"


@pytest.mark.postgres
@pytest.mark.redis
@pytest.mark.rabbitmq
def test_its_worker_runs_what_the_functions_send(
    image: Path, python: Python, task_root: Path, environment: Mapping[str, str], tmp_path: Path
) -> None:
    entries = {
        "schedule": Entry(task_root=task_root, handler="functions.schedule.app.app"),
        "tick": Entry(task_root=task_root, handler="functions.tick.app.handle"),
    }
    broker = environment["DUELINE_WORK_QUEUE_URL"]

    with (
        running(image, task_root, environment, "worker", "--data", str(tmp_path / "data")),
        Environments(python, entries, environment, broker_url=broker) as functions,
    ):
        task_id = functions.schedule(payload="in a container")
        assert functions.tick()["sent"] == 1
        eventually(lambda: functions.read(task_id)["status"] == "completed")


@pytest.mark.postgres
@pytest.mark.redis
@pytest.mark.rabbitmq
def test_its_api_takes_tasks(
    image: Path, task_root: Path, environment: Mapping[str, str], tmp_path: Path
) -> None:
    words = ("api", "--port", "0", "--data", str(tmp_path / "data"))

    with running(image, task_root, environment, *words) as process:
        assert process.stdout is not None
        url = next(line.split()[1] for line in process.stdout if line.startswith("API "))
        body = json.dumps({"type": "echo", "delay": 60}).encode()
        with urlopen(Request(f"{url}/schedule", body), timeout=10) as answer:  # noqa: S310
            assert answer.status == 201


@contextmanager
def running(
    image: Path, task_root: Path, environment: Mapping[str, str], *words: str
) -> Iterator["subprocess.Popen[str]"]:
    """`python -m local` with these words, as a container would run it."""
    process = subprocess.Popen(
        [image, "-m", "local", *words],
        cwd=task_root,
        env={"PATH": "/usr/bin:/bin", "SMTP_URL": "smtp://127.0.0.1:25", **environment},
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        yield process
    finally:
        process.terminate()
        process.communicate()
