"""The artefact answers its events: the genuine runtime client, a bare path, real servers."""

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from tests.packaging.bare_python import Python
from tests.packaging.journey import Entry, Environments
from tests.packaging.lambda_process import LambdaProcess
from tests.packaging.templates import of_type, sam_template

HANDLERS = {
    name: function["Properties"]["Handler"]
    for name, function in of_type(sam_template(), "AWS::Serverless::Function").items()
}


@pytest.mark.parametrize("handler", HANDLERS.values(), ids=HANDLERS.keys())
def test_a_handler_of_the_template_is_found_in_the_artefact(
    python: Python, task_root: Path, handler: str
) -> None:
    with LambdaProcess(python, task_root, handler, {}) as function:
        assert function.failed_start is None, function.log()


@pytest.mark.postgres
@pytest.mark.redis
@pytest.mark.rabbitmq
def test_a_task_goes_through_all_three_functions(
    python: Python, task_root: Path, environment: Mapping[str, str]
) -> None:
    names = {"schedule": "Schedule", "tick": "Tick0", "execute": "ExecuteDefault0"}
    entries = {
        name: Entry(task_root=task_root, handler=HANDLERS[resource])
        for name, resource in names.items()
    }
    unpacked = set(task_root.rglob("*"))

    broker = environment["DUELINE_WORK_QUEUE_URL"]
    with Environments(python, entries, environment, broker_url=broker) as functions:
        task_id = functions.schedule(payload={"said": "so"})
        ticked = functions.tick()
        executed = functions.execute()
        read = functions.read(task_id)
        logged = functions.processes["execute"].log()

    assert (ticked["sent"], executed["completed"]) == (1, 1)
    assert (read["status"], read["result"]) == ("completed", {"said": "so"})
    assert set(task_root.rglob("*")) == unpacked  # Lambda's task root is read-only
    # What the template's metric filters look for: fields at the root of a JSON line.
    lines = [json.loads(line) for line in logged.splitlines() if line.startswith("{")]
    [attempt] = [line for line in lines if line.get("event") == "task_attempted"]
    assert attempt["status"] == "completed"
