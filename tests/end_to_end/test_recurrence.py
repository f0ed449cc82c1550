"""Recurrence through the whole: HTTP, tick, the work queue, execute."""

import json
import subprocess
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

import pytest

from local.harness import Harness
from local.triggers.events import scheduled_event
from tests.end_to_end.conftest import Api
from tests.eventually import eventually

pytestmark = pytest.mark.harness

SEED_CRON = """
curl -sS -X POST http://localhost:8080/schedule \\
  -H "Content-Type: application/json" \\
  -d '{
    "type": "report",
    "payload": { "format": "pdf" },
    "cron": "* * * * *"
  }'
"""
SECONDS = 60


class Schedules:
    """Schedules of this test, deleted at its end."""

    def __init__(self, api: Api) -> None:
        self._api = api
        self._ids: list[str] = []

    def kept(self, accepted: dict[str, Any]) -> dict[str, Any]:
        self._ids.append(accepted["schedule_id"])
        return accepted

    def occurrence(self, schedule_id: str, at: str) -> dict[str, Any]:
        """What is told of one instant."""
        query = urlencode({"at": at})
        return self._api.get(f"/schedules/{schedule_id}/explain?{query}")

    def has_ended(self, schedule_id: str, at: str) -> bool:
        tasks = self.occurrence(schedule_id, at)["tasks"]
        return bool(tasks) and all(task["finished_at"] for task in tasks)

    def close(self) -> None:
        for schedule_id in self._ids:
            self._api.delete(f"/schedules/{schedule_id}")


@pytest.fixture
def schedules(api: Api) -> Iterator[Schedules]:
    kept = Schedules(api)
    yield kept
    kept.close()


def test_the_seed_s_cron_runs_at_second_0_of_the_next_minute(
    api: Api, schedules: Schedules
) -> None:
    script = SEED_CRON.replace("http://localhost:8080", api.url)
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True)
    accepted = schedules.kept(json.loads(done.stdout))
    schedule_id, first = accepted["schedule_id"], accepted["next_runs"][0]

    eventually(lambda: schedules.has_ended(schedule_id, first), within=timedelta(seconds=75))

    [task] = schedules.occurrence(schedule_id, first)["tasks"]
    started = datetime.fromisoformat(task["started_at"])
    assert accepted["status"] == "scheduled"
    assert len(accepted["next_runs"]) == 5
    assert (task["status"], task["attempt"]) == ("completed", 1)
    assert started.replace(second=0, microsecond=0) == datetime.fromisoformat(first)
    assert started.second == 0


def test_every_second_of_a_minute_runs_once_with_two_ticks_at_work(
    api: Api, run: Harness, schedules: Schedules
) -> None:
    second_tick = scheduled_event(event_id=str(uuid.uuid4()), at=datetime.now(UTC), rule="tick")
    run.platform.submit("tick", json.dumps(second_tick).encode())

    accepted = schedules.kept(
        api.post("/schedule", {"type": "echo", "every": "PT1S", "max_runs": SECONDS})
    )
    first = datetime.fromisoformat(accepted["next_runs"][0])
    instants = [(first + timedelta(seconds=n)).isoformat() for n in range(SECONDS)]
    schedule_id = accepted["schedule_id"]
    eventually(lambda: schedules.has_ended(schedule_id, instants[-1]), within=timedelta(seconds=90))

    told = [schedules.occurrence(schedule_id, at) for at in instants]
    assert [len(each["tasks"]) for each in told] == [1] * SECONDS
    tasks = [each["tasks"][0] for each in told]
    assert [(task["status"], task["attempt"]) for task in tasks] == [("completed", 1)] * SECONDS
    assert all(task["lateness_ms"] >= 0 for task in tasks)
    assert len({task["task_id"] for task in tasks}) == SECONDS
    assert api.get(f"/schedules/{schedule_id}")["status"] == "ended"
