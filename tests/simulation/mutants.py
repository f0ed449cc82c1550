"""Bugs planted on purpose, to see the checkers fire.

Where one bug alone only costs time because another layer repairs it, that layer is taken away
too. So these also say which layers cover for each other.

`python -m tests.simulation.mutants` prints how many runs it takes to catch each.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import NamedTuple

from tests.simulation import broken_buffers as buffers
from tests.simulation import broken_functions as functions
from tests.simulation import broken_schedules as schedules
from tests.simulation import broken_stores as stores
from tests.simulation import invariants as caught_by
from tests.simulation.campaign import play, silence_logs
from tests.simulation.deployment import SCALED
from tests.simulation.invariants import Checker
from tests.simulation.run import Parts

NEVER = timedelta(days=1)
NO_S1 = replace(SCALED, settings=replace(SCALED.settings, overdue_grace=NEVER))
NO_S2 = replace(SCALED, settings=replace(SCALED.settings, unclaimed_after=NEVER))


class Mutant(NamedTuple):
    """A planted bug, and the checker that has to see it."""

    bug: str
    caught_by: Checker
    parts: Parts


MUTANTS: Sequence[Mutant] = (
    Mutant(
        "2xx before commit",
        caught_by.nothing_accepted_is_lost,
        Parts(functions=functions.AnswersBeforeCommit),
    ),
    Mutant(
        "mark queued without a guard",
        caught_by.a_final_status_is_reached_once_and_never_left,
        Parts(store=stores.MarksWithoutGuard),
    ),
    Mutant(
        "S2 forgets the status",
        caught_by.a_final_status_is_reached_once_and_never_left,
        Parts(store=stores.S2ForgetsTheStatus),
    ),
    Mutant(
        "S3 completes what it finds",
        caught_by.what_completed_was_run,
        Parts(store=stores.S3Completes),
    ),
    Mutant(
        "S3 ends leases that still run",
        caught_by.no_lease_ends_before_its_time,
        Parts(store=stores.S3IsHasty),
    ),
    Mutant(
        "S3 does not count attempts",
        caught_by.no_more_attempts_than_allowed,
        Parts(store=stores.S3CountsNoAttempts),
    ),
    Mutant(
        "attempts that failed are not kept",
        caught_by.every_attempt_is_accounted_for,
        Parts(store=stores.KeepsNoAttempts),
    ),
    Mutant(
        "a clock that is ahead of the database's",
        caught_by.nothing_starts_early,
        Parts(clock=functions.ClockAhead),
    ),
    Mutant(
        "execute does not wait for the instant",
        caught_by.nothing_starts_early,
        Parts(clock=functions.ClockThatNeverWaits),
    ),
    Mutant(
        "record without the fence",
        caught_by.a_stale_attempt_writes_nothing,
        Parts(store=stores.RecordsWithoutFence),
    ),
    Mutant(
        "claim takes what someone runs",
        caught_by.a_claim_takes_only_what_waits,
        Parts(store=stores.ClaimsWhatRuns),
    ),
    Mutant(
        "claim without the fence",
        caught_by.an_old_fence_claims_nothing,
        Parts(store=stores.ClaimsUnderAnyFence),
    ),
    Mutant(
        "a claim starts what was called off",
        caught_by.what_was_called_off_never_starts,
        Parts(store=stores.StartsWhatWasCalledOff),
    ),
    Mutant(
        "put ignores what is in flight",
        caught_by.nothing_waits_and_flies_at_once,
        Parts(buffer=buffers.PutsWhatFlies),
    ),
    Mutant(
        "settle does nothing",
        caught_by.everything_comes_to_rest,
        Parts(buffer=buffers.SettlesNothing),
    ),
    Mutant(
        "no S1",
        caught_by.everything_comes_to_rest,
        Parts(deployment=NO_S1),
    ),
    Mutant(
        "no S2",
        caught_by.everything_comes_to_rest,
        Parts(deployment=NO_S2),
    ),
    Mutant(
        "no S3",
        caught_by.everything_comes_to_rest,
        Parts(store=stores.NoS3),
    ),
    Mutant(
        "leased without being in flight, and no S1",
        caught_by.everything_comes_to_rest,
        Parts(buffer=buffers.PopsWithoutFlight, deployment=NO_S1),
    ),
    Mutant(
        "the watermark outlives a flush, and no S1",
        caught_by.everything_comes_to_rest,
        Parts(buffer=buffers.WatermarkOutlivesFlush, deployment=NO_S1),
    ),
    Mutant(
        "unconfirmed taken for confirmed, and no S2",
        caught_by.everything_comes_to_rest,
        Parts(broker=functions.ConfirmsEverything, deployment=NO_S2),
    ),
    Mutant(
        "acked before it is claimed, and no S2",
        caught_by.everything_comes_to_rest,
        Parts(platform=functions.AcksFirst, deployment=NO_S2),
    ),
    Mutant(
        "acked before it is claimed, and no S3",
        caught_by.everything_comes_to_rest,
        Parts(platform=functions.AcksFirst, store=stores.NoS3),
    ),
    Mutant(
        "an unreadable message is put back",
        caught_by.everything_comes_to_rest,
        Parts(platform=functions.PutsPoisonBack),
    ),
    Mutant(
        "an unreadable message is forgotten",
        caught_by.poison_is_kept,
        Parts(store=stores.ForgetsPoison),
    ),
    Mutant(
        "expansion without compare-and-set and uniqueness",
        caught_by.every_instant_has_one_task,
        Parts(schedules=schedules.ExpandsWithoutGuards),
    ),
    Mutant(
        "expansion moves on before it inserts",
        caught_by.every_instant_has_one_task,
        Parts(schedules=schedules.MovesOnBeforeItInserts),
    ),
    Mutant(
        "an edit takes back more than it rewinds",
        caught_by.every_instant_has_one_task,
        Parts(schedules=schedules.TakesBackMoreThanItRewinds),
    ),
    Mutant(
        "missed occurrences are skipped in silence",
        caught_by.what_is_skipped_says_why,
        Parts(schedules=schedules.SkipsInSilence),
    ),
    Mutant(
        "claim does not look for an active one",
        caught_by.what_may_not_overlap_does_not,
        Parts(store=stores.ClaimsBesideActive),
    ),
)


def runs_to_catch(mutant: Mutant, *, most: int) -> int | None:
    """How many runs it takes until the mutant's checker fires; None if it never does."""
    for seed in range(most):
        wrong = play(range(seed, seed + 1), mutant.parts).broken.get(seed, [])
        if any(what.startswith(f"{mutant.caught_by.__name__}:") for what in wrong):
            return seed + 1
    return None


def main() -> None:
    silence_logs()
    for mutant in MUTANTS:
        runs = runs_to_catch(mutant, most=1_000)
        print(f"{mutant.bug:<46} caught in run {runs or 'NONE':>4} by {mutant.caught_by.__name__}")


if __name__ == "__main__":
    main()
