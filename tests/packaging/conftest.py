"""Fixtures of the packaging tests: an artefact, a bare Python to run it, and real servers."""

import os
import subprocess
import sys
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from infra.artefact.build import Artefact, build
from infra.artefact.bytecode import NoInterpreter, interpreter
from infra.artefact.target import DEFAULT_PYTHON_VERSION, Target
from local.services.model import quiet
from local.services.start import Services, start_services
from tests.packaging.bare_python import Python, bare_python, own_architecture, own_version

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def target() -> Target:
    """What is deployed by default, on this machine's processor; or for the Python that is here."""
    try:
        interpreter(DEFAULT_PYTHON_VERSION)
    except NoInterpreter:
        return Target(python_version=own_version(), architecture=own_architecture())
    return Target(architecture=own_architecture())


@pytest.fixture(scope="session")
def artefact(target: Target, tmp_path_factory: pytest.TempPathFactory) -> Artefact:
    return build(tmp_path_factory.mktemp("build"), target)


@pytest.fixture
def task_root(artefact: Artefact, tmp_path: Path) -> Path:
    """The zip, unpacked into an empty folder."""
    folder = tmp_path / "task"
    with zipfile.ZipFile(artefact.archive) as archive:
        archive.extractall(folder)
    return folder


@pytest.fixture(scope="session")
def python(target: Target, tmp_path_factory: pytest.TempPathFactory) -> Python:
    """The interpreter of the artefact."""
    return bare_python(target, tmp_path_factory.mktemp("runtime"))


@pytest.fixture(scope="session")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    """PostgreSQL, Redis and RabbitMQ, with the schema and the queues in them."""
    data = tmp_path_factory.mktemp("services")
    cache = ROOT / ".dueline" / "cache"  # where `make run-local` keeps its downloads
    with start_services(data, environ=os.environ, progress=quiet, cache=cache) as running:
        dueline("db", "apply", environment=settings_for(running))
        dueline("queues", "apply", environment=settings_for(running))
        yield running


@pytest.fixture
def environment(services: Services) -> Mapping[str, str]:
    """The settings of functions that use `services`."""
    return settings_for(services)


def settings_for(services: Services) -> dict[str, str]:
    queue = services.rabbitmq or services.redis
    return {
        "DUELINE_POSTGRES_URL": services.postgres.service.url,
        "DUELINE_REDIS_URL": services.redis.service.url,
        "DUELINE_WORK_QUEUE_URL": queue.service.url,
        "DUELINE_ACCESS": "open",  # what is sent here comes from the tests alone
    }


def dueline(*words: str, environment: Mapping[str, str]) -> str:
    """Run the command line and return what it printed."""
    done = dueline_run(*words, environment=environment)
    assert done.returncode == 0, done.stderr
    return done.stdout


def dueline_run(*words: str, environment: Mapping[str, str]) -> subprocess.CompletedProcess[str]:
    """Run the command line to whatever end."""
    return subprocess.run(
        [sys.executable, "-m", "dueline.cli", *words],
        cwd=ROOT,
        env={"PATH": os.environ["PATH"], **environment},
        capture_output=True,
        text=True,
        check=False,
    )
