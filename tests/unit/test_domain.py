"""The small pure rules: ids, lanes, messages, retries, outcomes."""

from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from dueline.domain.errors import BadMessage
from dueline.domain.ids import new_task_id, new_task_ids
from dueline.domain.lanes import SLOTS, Lane, LaneMap, slot_of
from dueline.domain.messages import decode_message, encode_message, pages
from dueline.domain.outcomes import GiveUp, RetryLater, failed
from dueline.domain.retry import Backoff, RetryPolicy, next_attempt_at
from dueline.domain.tasks import Claim, TaskRef, TaskStatus

NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
ID = "01900000-0000-7000-8000-0000000000ff"


def test_a_task_id_is_a_uuid_of_version_7_that_sorts_by_time() -> None:
    early = new_task_id(NOON)
    late = new_task_id(NOON + timedelta(milliseconds=1))

    assert UUID(early).version == 7
    assert UUID(early).variant == "specified in RFC 4122"
    assert early < late


def test_the_ids_of_one_request_ascend_and_share_its_instant() -> None:
    ids = new_task_ids(1_000, NOON)

    assert ids == sorted(set(ids))
    assert len(ids) == 1_000
    assert {id_[:13] for id_ in ids} == {new_task_id(NOON)[:13]}
    assert len({slot_of(id_) for id_ in ids}) > SLOTS / 2, "their slots are as random as ever"


def test_the_slot_of_a_task_is_the_last_byte_of_its_id() -> None:
    assert slot_of(ID) == 255


@pytest.mark.parametrize("count", [1, 2, 3, 5, 7, 16, 100, 255, 256])
def test_lanes_share_all_slots_without_overlap(count: int) -> None:
    lanes = LaneMap({"mail": count}).of_queue("mail")

    slots = [slot for lane in lanes for slot in lane.slots]

    assert slots == list(range(SLOTS))
    assert {len(lane.slots) for lane in lanes} <= {SLOTS // count, SLOTS // count + 1}


@pytest.mark.parametrize("count", [1, 3, 5, 7, 100])
def test_a_task_is_in_the_lane_that_owns_its_slot(count: int) -> None:
    lanes = LaneMap({"default": count})

    for slot in range(SLOTS):
        lane = lanes.of_task("default", f"{ID[:-2]}{slot:02x}")
        assert slot in lane.slots


def test_items_of_an_unknown_queue_are_left_out_of_the_lanes() -> None:
    lanes = LaneMap({"default": 1})

    placed = lanes.by_lane([("default", ID, "kept"), ("gone", ID, "left out")])

    assert placed == [(Lane("default", 0, 1), ["kept"])]


def test_a_lane_is_found_by_its_name() -> None:
    assert LaneMap({"mail": 4}).named("mail.3") == Lane("mail", 3, 4)
    with pytest.raises(KeyError):
        LaneMap({"mail": 4}).named("mail.4")


def test_a_message_comes_back_as_it_was_sent() -> None:
    refs = [TaskRef(ID, 0), TaskRef(ID.replace("f", "e"), 2**63 - 1)]

    assert decode_message(encode_message(refs)) == refs


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"\xff\xfe",
        b"[]",
        b'"text"',
        b'{"v":2,"tasks":[["%s",0]]}' % ID.encode(),
        b'{"v":1,"tasks":[]}',
        b'{"v":1,"tasks":[["%s",0]],"code":"import os"}' % ID.encode(),
        b'{"v":1,"tasks":[["%s"]]}' % ID.encode(),
        b'{"v":1,"tasks":[["%s",-1]]}' % ID.encode(),
        b'{"v":1,"tasks":[["%s",true]]}' % ID.encode(),
        b'{"v":1,"tasks":[["%s",1.0]]}' % ID.encode(),
        b'{"v":1,"tasks":[["%s",9223372036854775808]]}' % ID.encode(),
        b'{"v":1,"tasks":[["%s",0]]}' % ID.upper().encode(),
        b'{"v":1,"tasks":[["not-a-uuid",0]]}',
        b'{"v":1,"tasks":[' + b"1" * 5_000 + b"]}",
        b"[" * 100_000,
    ],
    ids=lambda body: str(body[:40]),
)
def test_a_message_that_tick_did_not_write_is_refused(body: bytes) -> None:
    with pytest.raises(BadMessage):
        decode_message(body)


@pytest.mark.parametrize(
    ("due", "sizes"),
    [(1, [1]), (3, [1, 1, 1]), (8, [2, 2, 2, 2]), (1_000, [100] * 10), (250, [62] * 4 + [2])],
)
def test_messages_are_small_until_there_is_a_burst(due: int, sizes: list[int]) -> None:
    refs = [TaskRef(ID, fence) for fence in range(due)]

    assert [len(page) for page in pages(refs, most=100)] == sizes


@pytest.mark.parametrize(
    ("backoff", "delays"),
    [
        (Backoff.EXPONENTIAL, [2, 4, 8, 16]),
        (Backoff.LINEAR, [2, 4, 6, 8]),
        (Backoff.FIXED, [2, 2, 2, 2]),
    ],
)
def test_the_delay_grows_as_the_policy_says(backoff: Backoff, delays: list[int]) -> None:
    policy = RetryPolicy(backoff=backoff, jitter=False)

    for attempt, delay in enumerate(delays, start=1):
        at = next_attempt_at(policy, attempt=attempt, now=NOON, execute_at=NOON, chance=0.5)
        assert at == NOON + timedelta(seconds=delay)


def test_the_delay_never_passes_its_cap_however_many_attempts() -> None:
    policy = RetryPolicy(max_attempts=10_000, cap=timedelta(minutes=1), jitter=False)

    at = next_attempt_at(policy, attempt=9_999, now=NOON, execute_at=NOON, chance=0)

    assert at == NOON + timedelta(minutes=1)


def test_full_jitter_takes_a_random_part_of_the_delay() -> None:
    policy = RetryPolicy(base=timedelta(seconds=8))

    at = next_attempt_at(policy, attempt=1, now=NOON, execute_at=NOON, chance=0.25)

    assert at == NOON + timedelta(seconds=2)


def test_there_is_no_attempt_beyond_the_last_or_beyond_the_max_age() -> None:
    policy = RetryPolicy(max_attempts=3, max_age=timedelta(hours=1))

    used_up = next_attempt_at(policy, attempt=3, now=NOON, execute_at=NOON, chance=0)
    too_old = next_attempt_at(
        policy, attempt=1, now=NOON + timedelta(hours=2), execute_at=NOON, chance=0
    )

    assert used_up is None
    assert too_old is None


def claim() -> Claim:
    return Claim(
        ref=TaskRef(ID, 1),
        type="email",
        queue="default",
        payload="{}",
        execute_at=NOON,
        due_at=NOON,
        attempt=1,
        retry=RetryPolicy(jitter=False),
        timeout=None,
    )


def test_a_failed_attempt_becomes_pending_at_a_later_time() -> None:
    outcome = failed(
        claim(), started_at=NOON, ended_at=NOON, cause=ValueError("no"), error="no", chance=0
    )

    assert outcome.status is TaskStatus.PENDING
    assert outcome.due_at == NOON + timedelta(seconds=2)


def test_a_handler_that_gives_up_ends_its_task_at_once() -> None:
    outcome = failed(
        claim(), started_at=NOON, ended_at=NOON, cause=GiveUp("never"), error="never", chance=0
    )

    assert outcome.status is TaskStatus.FAILED


def test_a_handler_can_say_when_to_be_tried_again() -> None:
    later = RetryLater(timedelta(minutes=5))

    outcome = failed(claim(), started_at=NOON, ended_at=NOON, cause=later, error="", chance=0)

    assert outcome.due_at == NOON + timedelta(minutes=5)


def test_an_error_is_kept_within_bounds_and_without_what_the_database_refuses() -> None:
    outcome = failed(
        claim(), started_at=NOON, ended_at=NOON, cause=ValueError(), error="\x00" * 9_000, chance=0
    )

    assert outcome.error is not None
    assert len(outcome.error) == 4_000
    assert "\x00" not in outcome.error
