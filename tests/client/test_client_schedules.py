"""The typed client and schedules, against the real app."""

from datetime import timedelta

import pytest

from dueline.client import ApiError, Client
from tests.functions.memory_services import NOON

NIGHTLY = {"cron": "30 2 * * *", "timezone": "Europe/Berlin"}


def test_a_schedule_is_made_read_listed_changed_and_deleted(client: Client) -> None:
    made = client.schedules.create("report", {"format": "pdf"}, name="nightly", **NIGHTLY)
    read = client.schedules.get("nightly")
    listed = list(client.schedules.list(type="report"))
    changed = client.schedules.change("nightly", {"cron": "0 4 * * *"}, if_match='"1"')
    client.schedules.delete(made.schedule_id)

    assert made.schedule_id == read.schedule_id == listed[0].schedule_id
    assert len(made.next_runs) == 5
    assert made.next_runs[0] > NOON
    assert (read.status, read.version) == ("active", 1)
    assert (changed.version, changed.definition["cron"]) == (2, "0 4 * * *")
    with pytest.raises(ApiError) as gone:
        client.schedules.get("nightly")
    assert (gone.value.status, gone.value.code) == (404, "SCHEDULE_NOT_FOUND")


def test_putting_it_twice_makes_it_once(client: Client) -> None:
    definition = {"type": "report", **NIGHTLY}

    first = client.schedules.put("nightly", definition)
    second = client.schedules.put("nightly", definition)

    assert first == second
    assert len(list(client.schedules.list())) == 1


def test_every_page_of_a_list_is_asked_for(client: Client) -> None:
    names = {f"s{number}" for number in range(60)}
    for name in names:
        client.schedules.create("report", name=name, every="PT1H")

    assert {each.name for each in client.schedules.list()} == names


def test_pause_resume_run_skip_unskip(client: Client) -> None:
    client.schedules.create("report", name="hourly", every="PT1H", starts_at="2026-06-01T00:00:00Z")
    next_run = client.schedules.get("hourly").next_runs[0]

    paused = client.schedules.pause("hourly", note="holidays", until=NOON + timedelta(days=1))
    resumed = client.schedules.resume("hourly")
    ran = client.schedules.run("hourly", payload={"by": "hand"})
    skipped = client.schedules.skip("hourly", next_run, note="not this one")
    explained = client.schedules.explain("hourly", next_run)
    client.schedules.unskip("hourly", next_run)

    assert paused.pause is not None
    assert (paused.status, paused.pause.note) == ("paused", "holidays")
    assert (resumed.status, resumed.pause) == ("active", None)
    assert client.tasks.get(ran.task_id).payload == {"by": "hand"}
    assert (skipped.status, skipped.occurrence_at) == ("skipped", next_run)
    assert explained.at == next_run
    assert explained.reasons


def test_a_backfill_is_counted_before_it_is_made(client: Client) -> None:
    client.schedules.create("report", name="hourly", cron="0 * * * *")
    day = (NOON - timedelta(days=1), NOON)

    counted = client.schedules.backfill("hourly", *day, dry_run=True)
    made = client.schedules.backfill("hourly", *day)

    assert (counted.dry_run, counted.instants) == (True, 24)
    assert (made.dry_run, made.instants, made.made) == (False, 24, 24)


def test_a_preview_stores_nothing(client: Client) -> None:
    preview = client.schedules.preview(count=2, after=NOON, **NIGHTLY)

    assert [run.local.hour for run in preview.runs] == [2, 2]
    assert "02:30 every day" in preview.description
    assert list(client.schedules.list()) == []


def test_a_rule_that_is_wrong_names_its_field(client: Client) -> None:
    with pytest.raises(ApiError) as refused:
        client.schedules.create("report", cron="61 * * * *")

    assert (refused.value.code, refused.value.pointer) == ("INVALID_RECURRENCE", "/cron")
