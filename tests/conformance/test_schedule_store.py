"""What every schedule store promises function `schedule` about schedules."""

import json
from dataclasses import replace
from datetime import timedelta

import pytest

from dueline.domain.errors import InvalidRequest
from dueline.domain.missed import Missed, MissedPolicy
from dueline.domain.overlap import Overlap
from dueline.domain.retry import Backoff, RetryPolicy
from dueline.domain.schedules import Pause, paused
from dueline.domain.tasks import TaskStatus
from dueline.schedule_store.interface import ScheduleFilter
from tests.conformance.schedule_store_fixtures import Stores
from tests.conformance.schedule_store_steps import added, expanded, expansion, found, tasks_of
from tests.factories import MINUTE, NOON, SECOND, make_occurrence, make_schedule, make_task_id

ANY = ScheduleFilter()


def page(stores: Stores, wanted: ScheduleFilter = ANY, **given: object) -> list[str]:
    values = {"now": NOON, "wanted": wanted, "after": None, "limit": 10} | given
    return [schedule.id for schedule in stores.schedules.page("default", **values)]  # type: ignore[arg-type]


def test_a_schedule_is_kept_with_everything_that_it_has(stores: Stores) -> None:
    schedule = make_schedule(
        name="nightly",
        rule=json.dumps({"cron": "0 3 * * *", "timezone": "Europe/Berlin"}),
        tags=("a", 'with "quotes", and \\'),
        retry=RetryPolicy(
            max_attempts=3, backoff=Backoff.FIXED, base=SECOND, max_age=timedelta(days=2)
        ),
        timeout=timedelta(seconds=1.5),
        missed=Missed(policy=MissedPolicy.ALL, within=None, pace=timedelta(milliseconds=1500)),
        overlap=Overlap.BUFFER_ONE,
        pause=Pause(at=NOON, until=NOON + MINUTE, note="müde"),
        pause_after_failures=5,
        runs_made=7,
        paced_until=NOON,
        version=3,
        tzdata_version="2024a",
    )

    stores.schedules.add(schedule)

    assert found(stores, schedule) == schedule
    assert stores.schedules.get_by_name("default", "nightly") == schedule


def test_a_schedule_that_is_not_there_is_none(stores: Stores) -> None:
    assert stores.schedules.get("default", make_task_id()) is None
    assert stores.schedules.get("default", "no id at all") is None
    assert stores.schedules.get_by_name("default", "nightly") is None


def test_a_name_is_given_once_in_a_tenant(stores: Stores) -> None:
    first = added(stores, name="nightly")

    assert not stores.schedules.add(make_schedule(name="nightly"))
    assert stores.schedules.add(make_schedule(name="nightly", tenant="other"))
    assert stores.schedules.get_by_name("default", "nightly") == first


def test_adding_again_changes_nothing(stores: Stores) -> None:
    schedule = added(stores, name="nightly")

    assert stores.schedules.add(replace(schedule, payload="{}"))
    assert found(stores, schedule) == schedule


def test_a_payload_that_cannot_be_stored_is_the_callers_mistake(stores: Stores) -> None:
    schedule = added(stores)
    bad = '{"a": "\\u0000"}'

    with pytest.raises(InvalidRequest, match="cannot be stored"):
        stores.schedules.add(make_schedule(payload=bad))
    with pytest.raises(InvalidRequest, match="cannot be stored"):
        stores.schedules.replace(schedule, replace(schedule, payload=bad), now=NOON)

    assert found(stores, schedule) == schedule


def test_a_tenant_sees_and_changes_its_own_schedules_only(stores: Stores) -> None:
    theirs = added(stores, tenant="other", name="nightly")
    expanded(stores, theirs, NOON + MINUTE)
    store, occurrence = stores.schedules, make_occurrence()

    assert store.get("default", theirs.id) is None
    assert store.get_by_name("default", "nightly") is None
    assert page(stores) == []
    assert not store.delete("default", theirs.id, version=None, now=NOON)
    assert not store.skip("default", theirs.id, occurrence, now=NOON)
    assert not store.unskip("default", theirs.id, occurrence, reason="", now=NOON)
    assert store.occurrences("default", theirs.id, at=NOON, before=9, after=9) == []
    made = store.make("default", theirs.id, [occurrence], overlap=Overlap.ALLOW, now=NOON)
    assert made == set()
    assert len(tasks_of(stores, theirs)) == 1


def test_pages_go_from_the_newest_to_the_oldest(stores: Stores) -> None:
    ids = sorted((added(stores).id for _ in range(5)), reverse=True)

    first = page(stores, limit=2)
    second = page(stores, limit=2, after=first[-1])
    third = page(stores, limit=2, after=second[-1])

    assert [*first, *second, *third] == ids


def test_a_page_holds_what_the_filter_wants(stores: Stores) -> None:
    plain = added(stores)
    named = added(stores, name="mail-nightly", type="report", tags=("x", "y"))
    queued = added(stores, queue="mail", pause=Pause(at=NOON))
    was_paused = added(stores, pause=Pause(at=NOON - MINUTE, until=NOON))

    assert page(stores, ScheduleFilter(type="report")) == [named.id]
    assert page(stores, ScheduleFilter(tag="y")) == [named.id]
    assert page(stores, ScheduleFilter(name_prefix="mail-")) == [named.id]
    assert page(stores, ScheduleFilter(queue="mail")) == [queued.id]
    assert page(stores, ScheduleFilter(paused=True)) == [queued.id]
    assert set(page(stores, ScheduleFilter(paused=False))) == {plain.id, named.id, was_paused.id}


def test_a_change_takes_back_what_is_not_due_and_keeps_what_is(stores: Stores) -> None:
    seen = expanded(stores, added(stores), NOON, NOON + MINUTE, NOON + 2 * MINUTE)
    new = replace(seen, payload='{"subject": "new"}', next_at=NOON + MINUTE, runs_made=1)

    assert stores.schedules.replace(seen, new, now=NOON)

    assert found(stores, seen) == replace(new, version=2, updated_at=NOON)
    assert [task.occurrence_at for task in tasks_of(stores, seen)] == [NOON]


def test_a_change_leaves_alone_what_has_begun_ended_or_been_skipped(stores: Stores) -> None:
    seen = expanded(stores, added(stores), NOON + MINUTE, NOON + 2 * MINUTE, NOON + 3 * MINUTE)
    first, second, _ = tasks_of(stores, seen)
    stores.tasks.claim([first.ref], now=NOON, until=NOON + MINUTE, lease=MINUTE, worker="worker-1")
    skipped = make_occurrence(NOON + 2 * MINUTE, skipped="skipped by hand")
    stores.schedules.skip("default", seen.id, skipped, now=NOON)

    stores.schedules.replace(seen, paused(seen, NOON), now=NOON)

    left = tasks_of(stores, seen)
    assert [task.id for task in left] == [first.id, second.id]
    assert [task.status for task in left] == [TaskStatus.RUNNING, TaskStatus.SKIPPED]


def test_a_change_of_what_is_no_longer_as_seen_does_nothing(stores: Stores) -> None:
    old = added(stores)
    now = expanded(stores, old, NOON + MINUTE)

    assert not stores.schedules.replace(old, paused(old, NOON), now=NOON)
    assert not stores.schedules.replace(replace(now, version=2), paused(now, NOON), now=NOON)

    assert found(stores, old) == now
    assert len(tasks_of(stores, old)) == 1


def test_instants_that_were_passed_ahead_of_now_are_counted(stores: Stores) -> None:
    seen = expanded(stores, added(stores), NOON, NOON + MINUTE, NOON + 2 * MINUTE)
    ahead = make_occurrence(NOON + 9 * MINUTE, skipped="skipped by hand")
    stores.schedules.skip("default", seen.id, ahead, now=NOON)

    assert stores.schedules.made_after(seen, now=NOON) == 2
    assert stores.schedules.made_after(seen, now=NOON - SECOND) == 3


def test_a_deleted_schedule_calls_off_what_waits_of_it(stores: Stores) -> None:
    seen = expanded(stores, added(stores), NOON, NOON + MINUTE)
    running, waiting = tasks_of(stores, seen)
    stores.tasks.claim([running.ref], now=NOON, until=NOON, lease=MINUTE, worker="worker-1")

    assert stores.schedules.delete("default", seen.id, version=1, now=NOON)

    assert stores.schedules.get("default", seen.id) is None
    assert [task.status for task in tasks_of(stores, seen)] == [
        TaskStatus.RUNNING,
        TaskStatus.CANCELLED,
    ]
    called_off = stores.tasks.get("default", waiting.id)
    assert called_off
    assert called_off.error == "its schedule was deleted"
    assert stores.schedules.expand([expansion(seen, make_occurrence())], now=NOON) == set()


def test_only_the_version_that_was_seen_is_deleted(stores: Stores) -> None:
    schedule = added(stores)

    assert not stores.schedules.delete("default", schedule.id, version=2, now=NOON)
    assert stores.schedules.delete("default", schedule.id, version=None, now=NOON)
    assert not stores.schedules.delete("default", schedule.id, version=None, now=NOON)
