"""The command line against a whole local run."""

import json

import pytest
from click.testing import CliRunner

from dueline.cli import main
from local.harness import Harness

pytestmark = pytest.mark.harness


def said(run: Harness, *words: str) -> str:
    done = CliRunner().invoke(main, [*words, "-o", "json"], env={"DUELINE_URL": run.url})
    assert done.exit_code == 0, done.output
    return done.stdout


def test_a_task_is_made_and_waited_for(run: Harness) -> None:
    task = json.loads(said(run, "task", "create", "echo", "-p", '{"said":"ä"}', "--wait"))

    assert (task["status"], task["result"]) == ("completed", {"said": "ä"})


def test_waiting_for_one_that_fails_has_its_exit_code(run: Harness) -> None:
    words = ["task", "create", "fail", "-p", '{"give_up":true}', "--wait"]

    done = CliRunner().invoke(main, words, env={"DUELINE_URL": run.url})

    assert done.exit_code == 6
    assert "is failed" in done.stderr


def test_what_recurs_runs(run: Harness) -> None:
    said(run, "schedule", "create", "echo", "PT1H", "--name", "from-the-line")

    made = json.loads(said(run, "schedule", "run", "from-the-line", "--wait"))

    assert made["status"] == "completed"
