"""The commands that the seed's README prints, run as they are printed, but for the port."""

import json
import subprocess
from datetime import datetime, timedelta

import pytest

from tests.end_to_end.conftest import Api
from tests.eventually import eventually

pytestmark = pytest.mark.harness

ONE_TASK = """
curl -sS -X POST http://localhost:8080/schedule \\
  -H "Content-Type: application/json" \\
  -d '{
    "type": "email",
    "payload": { "subject": "Welcome Email" },
    "execute_at": "'$(date -u -d '+3 seconds' +%Y-%m-%dT%H:%M:%SZ)'"
  }'
"""
TEN_TASKS = """
for i in {1..10}; do
  TIMESTAMP=$(date -u -d '+3 seconds' +%Y-%m-%dT%H:%M:%SZ)
  curl -sS -X POST http://localhost:8080/schedule \\
    -H "Content-Type: application/json" \\
    -d '{"type":"email","payload":{"subject":"Load Test '"$i"'"},"execute_at":"'"$TIMESTAMP"'"}'
  echo " Sent Task $i"
done
"""


def shell(commands: str, api: Api) -> str:
    script = commands.replace("http://localhost:8080", api.url)
    done = subprocess.run(["bash", "-c", script], capture_output=True, text=True, check=True)
    return done.stdout


def completed(api: Api, task_id: str) -> bool:
    return bool(api.task(task_id)["status"] == "completed")


def test_a_task_runs_at_its_second_and_never_before(api: Api) -> None:
    accepted = json.loads(shell(ONE_TASK, api))
    eventually(lambda: completed(api, accepted["task_id"]), within=timedelta(seconds=10))

    task = api.task(accepted["task_id"])

    assert accepted["status"] == "scheduled"
    assert task["type"] == "email"
    assert task["attempt"] == 1
    assert task["lateness_ms"] >= 0
    assert datetime.fromisoformat(task["started_at"]) >= datetime.fromisoformat(task["execute_at"])
    assert datetime.fromisoformat(task["finished_at"]) >= datetime.fromisoformat(task["started_at"])
    assert task["due_at"] == task["execute_at"]


def test_ten_tasks_due_at_one_second_all_run(api: Api) -> None:
    before = api.get("/stats")["completed"]

    lines = shell(TEN_TASKS, api).splitlines()

    ids = [json.loads(line.partition(" Sent Task")[0])["task_id"] for line in lines]
    assert len(set(ids)) == 10
    eventually(
        lambda: all(completed(api, task_id) for task_id in ids), within=timedelta(seconds=10)
    )
    assert api.get("/stats")["completed"] >= before + 10
