"""The settings of a run, and how long the platform lets its functions live."""

from dataclasses import dataclass, replace
from datetime import timedelta

from dueline.config import Settings
from dueline.domain.lanes import LaneMap
from local.functions import EXECUTE_TIMEOUT, TICK_TIMEOUT
from tests.factories import make_settings

SECOND = timedelta(seconds=1)
TROUBLE = 20 * SECOND  # things go wrong in this first part of a run


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """What infra/template.yaml and local/functions.py decide."""

    settings: Settings
    tick_every: timedelta
    tick_lives: timedelta  # longer than the cron's interval: ticks overlap
    execute_lives: timedelta


PRODUCTION = Deployment(
    settings=make_settings(lanes=LaneMap({"default": 2})),
    tick_every=60 * SECOND,
    tick_lives=TICK_TIMEOUT,
    execute_lives=EXECUTE_TIMEOUT,
)

# Production, scaled down so that a run takes seconds.
SCALED = Deployment(
    settings=replace(
        PRODUCTION.settings,
        horizon=6 * SECOND,
        slack=SECOND,
        publish_deadline=SECOND / 2,
        in_flight_lease=3 * SECOND,
        overdue_grace=SECOND / 2,
        unclaimed_after=4 * SECOND,
        missed_after=1.5 * SECOND,
        lease=6 * SECOND,
        renew_every=2 * SECOND,
    ),
    tick_every=6 * SECOND,
    tick_lives=8 * SECOND,
    execute_lives=12 * SECOND,
)
