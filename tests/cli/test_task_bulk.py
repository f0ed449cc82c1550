"""dueline task cancel-all and the like, against the real app."""

from tests.cli.conftest import Line


def make(line: Line, type_: str, count: int) -> None:
    for _ in range(count):
        line.says("task", "create", type_, "--in", "1h")


def test_tasks_are_counted_and_asked_about_before_they_are_cancelled(line: Line) -> None:
    make(line, "email", 3)
    make(line, "report", 1)

    counted = line.says("task", "cancel-all", "--type", "email", "--dry-run")
    refused = line.run("task", "cancel-all", "--type", "email", typed="n\n")
    before = line.json("stats")["pending"]
    done = line.run("task", "cancel-all", "--type", "email", typed="y\n")

    assert counted == "3 tasks fit\n"
    assert (refused.exit_code, before) == (1, 4)
    assert "Cancel 3 tasks?" in done.stderr
    assert done.stdout == "3 cancelled\n"
    assert line.json("stats")["pending"] == 1


def test_a_script_does_not_ask(line: Line) -> None:
    make(line, "email", 2)

    done = line.json("task", "cancel-all", "--status", "pending", "--yes")

    assert (done["fitting"], done["outcomes"], done["done"]) == (2, {"cancelled": 2}, True)


def test_waiting_tasks_get_another_time(line: Line) -> None:
    make(line, "email", 2)

    said = line.says("task", "reschedule-all", "--at", "2026-06-01T18:00:00Z", "--yes")

    assert said == "2 rescheduled\n"
    times = {task["execute_at"] for task in line.json("task", "list")}
    assert times == {"2026-06-01T18:00:00Z"}


def test_nothing_to_retry_is_said(line: Line) -> None:
    assert line.says("task", "retry-all", "--yes") in {"no task fits\n", "0 retried\n"}
