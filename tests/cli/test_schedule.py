"""dueline schedule, against the real app."""

import json

import pytest

from dueline.client import Client
from tests.cli.conftest import Line

NIGHTLY = ("report", "30 2 * * *", "--tz", "Europe/Berlin")


def test_a_schedule_of_a_name_is_made_once_however_often_it_is_said(line: Line) -> None:
    first = line.json("schedule", "create", *NIGHTLY, "--name", "nightly")
    second = line.json("schedule", "create", *NIGHTLY, "--name", "nightly")
    changed = line.json("schedule", "create", *NIGHTLY, "--name", "nightly", "--dst-gap", "skip")

    assert first["schedule_id"] == second["schedule_id"] == changed["schedule_id"]
    assert (first["version"], second["version"], changed["version"]) == (1, 1, 2)
    assert changed["definition"]["dst"] == {"gap": "skip"}
    assert len(line.json("schedule", "list")) == 1


def test_a_list_is_a_table_json_or_lines_of_json(line: Line) -> None:
    line.says("schedule", "create", *NIGHTLY, "--name", "nightly")
    line.says("schedule", "create", "report", "PT1H", "--name", "hourly")

    head, *rows = line.says("schedule", "list").splitlines()
    lines = line.says("schedule", "list", "-o", "jsonl").splitlines()

    assert head.split() == ["ID", "NAME", "STATUS", "TYPE", "NEXT", "RULE"]
    assert sorted(row.split()[1] for row in rows) == ["hourly", "nightly"]
    assert sorted(json.loads(each)["name"] for each in lines) == ["hourly", "nightly"]


def test_pause_and_resume_say_what_is_so_now(line: Line) -> None:
    line.says("schedule", "create", *NIGHTLY, "--name", "nightly")

    paused = line.says("schedule", "pause", "nightly", "--note", "holidays")
    resumed = line.says("schedule", "resume", "nightly")

    assert paused.startswith("nightly is paused (holidays)")
    assert resumed.startswith("nightly is active; next run: 2026-06-02T00:30:00+00:00")


def test_next_runs_and_run_now(line: Line) -> None:
    line.says("schedule", "create", *NIGHTLY, "--name", "nightly")

    runs = line.json("schedule", "next", "nightly")
    made = line.json("schedule", "run", "nightly", "-p", '{"by":"hand"}')

    assert len(runs) == 5
    assert runs[0] == "2026-06-02T00:30:00Z"
    assert line.json("task", "get", made["task_id"])["payload"] == {"by": "hand"}


def test_a_backfill_asks_first_with_the_count(line: Line) -> None:
    line.says("schedule", "create", "report", "0 * * * *", "--name", "hourly")
    past = ("hourly", "--start", "2026-05-31T12:00:00Z", "--end", "2026-06-01T12:00:00Z")

    refused = line.run("schedule", "backfill", *past, typed="n\n")
    dry = line.json("schedule", "backfill", *past, "--dry-run")
    made = line.json("schedule", "backfill", *past, "--yes")

    assert refused.exit_code == 1
    assert "Run up to 24 occurrences?" in refused.stderr
    assert (dry["instants"], made["made"]) == (24, 24)


def test_a_rule_is_explained_without_a_server() -> None:
    nowhere = Line("http://127.0.0.1:1")

    said = nowhere.says(
        *("schedule", "explain", "30 2 * * *", "--tz", "Europe/Berlin"),
        *("--after", "2026-03-28T12:00:00Z", "-n", "2"),
    )

    assert said.startswith("At 02:30 every day, Europe/Berlin time.")
    assert "! On 2026-03-29 the clock in Europe/Berlin jumps from 02:00 to 03:00" in said
    assert "Sun 2026-03-29 03:00:00+02:00  2026-03-29 01:00:00Z  dst_gap" in said


def test_the_same_rule_is_explained_alike_with_and_without_the_server(line: Line) -> None:
    words = ("*/7 3 * * MON", "--tz", "Australia/Lord_Howe", "--after", "2026-04-01T00:00:00Z")
    explained = line.json("schedule", "explain", *words)

    with Client(line.url) as client:
        asked = client.schedules.preview(
            cron=words[0], timezone="Australia/Lord_Howe", after=words[-1], count=5
        )

    assert explained["description"] == asked.description
    assert explained["warnings"] == list(asked.warnings)
    assert [run["note"] for run in explained["runs"]] == [run.note for run in asked.runs]


def test_an_instant_of_a_stored_schedule_is_explained(line: Line) -> None:
    line.says("schedule", "create", "report", "0 * * * *", "--name", "hourly")

    said = line.says("schedule", "explain", "hourly", "--at", "2026-06-01T13:00:00Z")

    assert said.startswith("2026-06-01 13:00:00+00:00: ")
    assert "- " in said


@pytest.mark.parametrize(
    ("rule", "says"),
    [("61 * * * *", "'61' is not in 0-59"), ("PT0S", "every"), ("FREQ=X", "rrule")],
)
def test_a_wrong_rule_is_a_usage_error(line: Line, rule: str, says: str) -> None:
    for words in (("explain", rule), ("create", "report", rule)):
        done = line.run("schedule", *words)
        assert done.exit_code == 2
        assert says in done.stderr
