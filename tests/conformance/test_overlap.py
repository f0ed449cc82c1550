"""What every task store promises about occurrences that may not overlap, when they are claimed."""

from datetime import timedelta

import pytest

from dueline.domain.overlap import Overlap
from dueline.domain.tasks import Task, TaskRef, TaskStatus
from dueline.task_store.interface import Claimed
from tests.conformance.schedule_store_fixtures import Stores
from tests.conformance.schedule_store_steps import added, expanded, tasks_of
from tests.factories import MINUTE, NOON, SECOND, make_outcome

WORKER = "worker-1"
NOT_ALLOWED = [Overlap.SKIP, Overlap.BUFFER_ONE, Overlap.BUFFER_ALL]


def occurrences(stores: Stores, overlap: Overlap, count: int) -> list[Task]:
    """So many of one schedule, a second apart; the first was due at noon."""
    schedule = added(stores, overlap=overlap)
    expanded(stores, schedule, *[NOON + n * SECOND for n in range(count)])
    return list(tasks_of(stores, schedule))


def claim(stores: Stores, *tasks: Task, now: timedelta = MINUTE) -> Claimed:
    """Claim them as they now are, at noon and so much."""
    refs = [found(stores, task).ref for task in tasks]
    at = NOON + now
    return stores.tasks.claim(refs, now=at, until=at, lease=10 * MINUTE, worker=WORKER)


def found(stores: Stores, task: Task) -> Task:
    now = stores.tasks.get("default", task.id)
    assert now
    return now


def statuses(stores: Stores, *tasks: Task) -> list[str]:
    return [found(stores, task).status.value for task in tasks]


def end(stores: Stores, claimed: Claimed, status: TaskStatus = TaskStatus.COMPLETED) -> None:
    again = NOON + 2 * MINUTE if status is TaskStatus.PENDING else None
    stores.tasks.record(
        [make_outcome(claim, status=status, due_at=again) for claim in claimed.claims],
        worker=WORKER,
    )


def test_occurrences_that_may_overlap_run_side_by_side(stores: Stores) -> None:
    first, second = occurrences(stores, Overlap.ALLOW, 2)

    claim(stores, first)
    claim(stores, second)

    assert statuses(stores, first, second) == ["running", "running"]


@pytest.mark.parametrize("overlap", NOT_ALLOWED)
def test_others_run_one_after_the_other(stores: Stores, overlap: Overlap) -> None:
    first, second = occurrences(stores, overlap, 2)

    end(stores, claim(stores, first))
    claim(stores, second)

    assert statuses(stores, first, second) == ["completed", "running"]


@pytest.mark.parametrize("overlap", NOT_ALLOWED)
def test_of_one_batch_the_earliest_runs(stores: Stores, overlap: Overlap) -> None:
    first, second = occurrences(stores, overlap, 2)

    claimed = claim(stores, second, first)

    assert [claim.ref.id for claim in claimed.claims] == [first.id]
    assert found(stores, second).status is not TaskStatus.RUNNING


def test_skip_drops_what_comes_while_one_is_active(stores: Stores) -> None:
    first, second, third = occurrences(stores, Overlap.SKIP, 3)
    running = claim(stores, first, second)
    assert statuses(stores, first, second) == ["running", "skipped"]

    end(stores, running, TaskStatus.PENDING)  # to be tried again: still active
    claim(stores, third)

    dropped = found(stores, third)
    assert dropped.status is TaskStatus.SKIPPED
    assert dropped.error == "overlap: another occurrence was still active (overlap: skip)"
    assert (dropped.finished_at, dropped.fence) == (NOON + MINUTE, third.fence + 1)


def test_buffer_one_lets_one_wait_and_drops_the_rest(stores: Stores) -> None:
    first, second, third, fourth = occurrences(stores, Overlap.BUFFER_ONE, 4)

    claimed = claim(stores, first, second, third)
    claim(stores, fourth)

    assert statuses(stores, first, second, third, fourth) == [
        "running", "pending", "skipped", "skipped",
    ]  # fmt: skip
    waiting = found(stores, second)
    assert claimed.early == [("default", (waiting.ref, waiting.due_at))]
    assert waiting.fence == second.fence + 1
    why = "overlap: an earlier occurrence waits already (overlap: buffer_one)"
    assert found(stores, third).error == why


def test_what_waits_runs_when_the_other_has_ended(stores: Stores) -> None:
    first, second = occurrences(stores, Overlap.BUFFER_ONE, 2)
    running = claim(stores, first, second)

    again = claim(stores, second, now=2 * MINUTE)
    end(stores, running)
    at_last = claim(stores, second, now=3 * MINUTE)

    assert again.claims == []
    assert [claim.ref.id for claim in at_last.claims] == [second.id]


def test_buffer_all_lets_each_wait(stores: Stores) -> None:
    tasks = occurrences(stores, Overlap.BUFFER_ALL, 4)

    claimed = claim(stores, *tasks)

    assert statuses(stores, *tasks) == ["running", "pending", "pending", "pending"]
    assert len(claimed.early) == 3


@pytest.mark.parametrize(
    ("waited", "again_after"),
    [(SECOND, SECOND), (60 * SECOND, 6 * SECOND), (600 * SECOND, 15 * SECOND)],
)
def test_what_waits_looks_again_after_a_tenth_of_its_wait(
    stores: Stores, waited: timedelta, again_after: timedelta
) -> None:
    first, second = occurrences(stores, Overlap.BUFFER_ONE, 2)

    claim(stores, first, second, now=SECOND + waited)

    assert found(stores, second).due_at == NOON + SECOND + waited + again_after


def test_a_retry_comes_before_new_occurrences_and_is_never_dropped(stores: Stores) -> None:
    first, second, third = occurrences(stores, Overlap.SKIP, 3)
    end(stores, claim(stores, first), TaskStatus.PENDING)

    claimed = claim(stores, second, first, now=3 * MINUTE)

    assert [claim.ref.id for claim in claimed.claims] == [first.id]
    assert statuses(stores, first, second, third) == ["running", "skipped", "pending"]


def test_schedules_do_not_hinder_each_other(stores: Stores) -> None:
    [one], [other] = (occurrences(stores, Overlap.SKIP, 1) for _ in range(2))
    [alone] = occurrences(stores, Overlap.ALLOW, 1)

    claimed = claim(stores, one, other, alone)

    assert {claim.ref.id for claim in claimed.claims} == {one.id, other.id, alone.id}


def test_an_occurrence_that_is_not_due_is_early_as_ever(stores: Stores) -> None:
    first, second = occurrences(stores, Overlap.SKIP, 2)

    claimed = claim(stores, first, second, now=timedelta(0))

    assert [claim.ref.id for claim in claimed.claims] == [first.id]
    assert claimed.early == [("default", (TaskRef(second.id, 0), second.due_at))]
