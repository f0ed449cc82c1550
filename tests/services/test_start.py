"""All three at once: found again after kill -9, and none left behind."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from local.services.folder import Folder
from local.services.model import ServiceError, quiet
from local.services.start import start_services

from .conftest import CACHE
from .processes import lives, members_of, python

pytestmark = [pytest.mark.postgres, pytest.mark.redis]

HARNESS = """
import json, os, signal, sys
from pathlib import Path
from local.services.model import quiet
from local.services.start import start_services

services = start_services(
    Path(sys.argv[1]), environ=os.environ, progress=quiet, cache=Path(sys.argv[2])
)
print(json.dumps({one.name: [one.pid, one.url] for one in services.all()}), flush=True)
signal.pause()
"""
ELSEWHERE = {"DUELINE_WORK_QUEUE_URL": "redis://127.0.0.1:1"}  # no RabbitMQ: it would take 4 s


@pytest.mark.rabbitmq
def test_kill_9_of_the_harness_leaves_nothing_and_the_next_start_finds_everything_again(
    tmp_path: Path, environ: Mapping[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for variable in ("POSTGRES_URL", "REDIS_URL", "WORK_QUEUE_URL", "SERVERS"):
        monkeypatch.delenv(f"DUELINE_{variable}", raising=False)
    with python(HARNESS, tmp_path, CACHE) as harness:
        assert harness.stdout
        first = json.loads(harness.stdout.readline())
        pids = {member for pid, _ in first.values() for member in members_of(pid)}
        harness.kill()

    # No wait between: the servers are still ending, and their folders are locked until they have.
    with start_services(tmp_path, environ=environ, progress=quiet, cache=CACHE) as services:
        assert [pid for pid in pids if lives(pid)] == []
        assert {one.name: one.url for one in services.all()} == {
            name: url for name, (_, url) in first.items()
        }
        assert services.rabbitmq
        assert services.no_rabbitmq == ""
        pids = {member for one in services.all() if one.pid for member in members_of(one.pid)}

    assert [pid for pid in pids if lives(pid)] == []


def test_without_rabbitmq_the_others_start_and_the_reason_is_said(
    tmp_path: Path, environ: Mapping[str, str]
) -> None:
    said: list[str] = []

    with start_services(tmp_path, environ={**environ, **ELSEWHERE}, progress=said.append) as some:
        assert some.rabbitmq is None
        assert "chooses another work queue" in some.no_rabbitmq
        assert [one.name for one in some.all()] == ["postgres", "redis"]

    assert said[-1].startswith("rabbitmq: none, so Redis Streams is the work queue. The reason: ")


def test_when_one_cannot_be_had_the_others_are_ended_and_their_folders_released(
    tmp_path: Path, environ: Mapping[str, str]
) -> None:
    down = {**environ, **ELSEWHERE, "DUELINE_REDIS_URL": "redis://:secret@127.0.0.1:1/0"}

    with pytest.raises(ServiceError, match=r"DUELINE_REDIS_URL=redis://:\*\*\*@127.0.0.1:1/0"):
        start_services(tmp_path, environ=down, progress=quiet)

    for folder in tmp_path.glob("postgres-*"):
        Folder(folder).close()
