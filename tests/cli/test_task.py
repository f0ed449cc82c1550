"""dueline task, against the real app."""

import json
from pathlib import Path

import pytest

from tests.cli.conftest import Line
from tests.contract.app_server import complete
from tests.functions.memory_services import MemoryServices, down

NOBODY = "01900000-0000-7000-8000-000000000000"


def test_a_task_is_made_and_shown(line: Line) -> None:
    made = line.json("task", "create", "email", "-p", '{"subject":"Hi"}', "--in", "90s")

    task = line.json("task", "get", made["task_id"])
    assert task["payload"] == {"subject": "Hi"}
    assert task["execute_at"] == "2026-06-01T12:01:30Z"
    shown = dict(
        line.split(None, 1) for line in line.says("task", "get", made["task_id"]).splitlines()
    )
    assert shown["status"] == "pending"
    assert shown["execute_at"] == "2026-06-01 12:01:30Z"


def test_a_payload_comes_from_a_file_or_from_standard_input(line: Line, tmp_path: Path) -> None:
    (tmp_path / "payload.json").write_text('{"from": "file"}')

    of_file = line.json("task", "create", "email", "-p", f"@{tmp_path}/payload.json")
    typed = line.run("task", "create", "email", "-p", "-", "-o", "json", typed='{"from": "stdin"}')

    of_input = json.loads(typed.stdout)
    assert line.json("task", "get", of_file["task_id"])["payload"] == {"from": "file"}
    assert line.json("task", "get", of_input["task_id"])["payload"] == {"from": "stdin"}


@pytest.mark.parametrize(
    ("words", "code", "says"),
    [
        (("task", "create", "emial"), 2, 'did you mean "email"?'),
        (("task", "create", "email", "-p", "{"), 2, "want JSON"),
        (("task", "create", "email", "--in", "1 fortnight"), 2, "ISO 8601"),
        (("task", "create", "email", "--at", "2026-06-01T12:00:00"), 2, "UTC offset"),
        (("task", "get", NOBODY), 3, "TASK_NOT_FOUND"),
        (("task", "fetch", NOBODY), 2, "No such command"),
    ],
)
def test_what_cannot_be_done_is_one_line_and_an_exit_code(
    line: Line, words: tuple[str, ...], code: int, says: str
) -> None:
    done = line.run(*words)

    assert (done.exit_code, done.stdout) == (code, "")
    assert says in done.stderr


def test_with_json_an_error_is_the_problem_itself(line: Line) -> None:
    done = line.run("task", "create", "emial", "-o", "json")

    problem = json.loads(done.stderr)
    assert done.exit_code == 2
    assert (problem["code"], problem["errors"][0]["pointer"]) == ("UNKNOWN_TYPE", "/type")


def test_no_answer_has_an_exit_code_of_its_own(line: Line, services: MemoryServices) -> None:
    services.store = down("postgres")

    done = line.run("task", "list", "--patience", "0")

    assert done.exit_code == 7
    assert "postgres did not answer" in done.stderr


def test_waiting_ends_with_the_task(line: Line, services: MemoryServices) -> None:
    made = line.json("task", "create", "email")
    complete(services, made["task_id"], result='{"sent":true}')

    task = line.json("task", "get", made["task_id"], "--wait")

    assert (task["status"], task["result"]) == ("completed", {"sent": True})
    assert "completed  attempt 1" in line.says("task", "watch", made["task_id"])


def test_waiting_too_long_has_an_exit_code_of_its_own(line: Line) -> None:
    done = line.run("task", "create", "email", "--in", "1h", "--wait", "--within", "0")

    assert done.exit_code == 7
    assert "still pending" in done.stderr


def test_stats(line: Line) -> None:
    line.says("task", "create", "email")

    assert line.json("stats")["pending"] == 1
    assert "pending    1" in line.says("stats")


def test_tasks_are_listed_by_a_filter(line: Line) -> None:
    line.says("task", "create", "email", "--tag", "vip", "--in", "1h")
    line.says("task", "create", "report", "-p", '{"user":7}')

    head, row = line.says("task", "list", "--tag", "vip").splitlines()
    by_payload = line.json("task", "list", "--payload", '{"user":7}')
    by_status = line.json("task", "list", "--status", "failed", "--status", "pending")

    assert head.split()[:3] == ["ID", "TYPE", "STATUS"]
    assert row.split()[1:3] == ["email", "pending"]
    assert [task["type"] for task in by_payload] == ["report"]
    assert len(by_status) == 2


def test_the_most_that_a_list_shows_can_be_said(line: Line) -> None:
    for _ in range(4):
        line.says("task", "create", "email")

    assert len(line.json("task", "list", "--limit", "3")) == 3


def test_a_task_is_run_cancelled_and_explained(line: Line) -> None:
    made = line.json("task", "create", "email", "--in", "1h")["task_id"]

    now = line.json("task", "run", made)
    cancelled = line.says("task", "cancel", made)
    again = line.run("task", "retry", made)
    explained = line.says("task", "explain", made)

    assert now["execute_at"] == "2026-06-01T12:00:00Z"
    assert cancelled == f"{made} is cancelled\n"
    assert again.exit_code == 5
    assert "It was cancelled" in explained


def test_several_tasks_are_cancelled_and_each_that_cannot_be_is_told(line: Line) -> None:
    made = [line.json("task", "create", "email")["task_id"] for _ in range(2)]

    done = line.run("task", "cancel", made[0], NOBODY, made[1])

    assert done.exit_code == 3
    assert done.stdout == "".join(f"{task_id} is cancelled\n" for task_id in made)
    assert NOBODY in done.stderr


def test_many_tasks_come_from_a_file_with_a_task_a_line(line: Line, tmp_path: Path) -> None:
    file = tmp_path / "tasks.ndjson"
    file.write_text("".join(f'{{"type":"email","payload":{{"n":{n}}}}}\n' for n in range(25)))

    done = line.run("task", "import", str(file), "--batch", "10")

    assert done.exit_code == 0
    assert "25 accepted" in done.stdout
    assert line.json("stats")["pending"] == 25


def test_a_task_of_a_file_that_cannot_be_accepted_is_told_by_its_line(
    line: Line, tmp_path: Path
) -> None:
    file = tmp_path / "tasks.ndjson"
    file.write_text('{"type":"email"}\n\n{"type":"emial"}\n{"type":"email"}\n')

    done = line.run("task", "import", str(file), "--batch", "1")

    assert done.exit_code == 2
    assert "2 accepted, 1 refused" in done.stdout
    assert f"{file}:3: /type" in done.stderr
    assert line.json("stats")["pending"] == 2


def test_stats_of_a_type_with_what_happened_lately(line: Line) -> None:
    line.says("task", "create", "email")
    line.says("task", "create", "report")

    counted = line.json("stats", "--type", "email", "--kinds", "--window", "1h")

    assert counted["total"] == 1
    assert [kind["type"] for kind in counted["kinds"]] == ["email"]
    assert counted["window"]["created"] == 1
