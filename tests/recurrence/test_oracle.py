"""next_after against the oracle, on a sample.

All of it, 2,000 expressions and more, is compared by python -m tests.recurrence.campaign.
"""

from datetime import datetime, timedelta
from random import Random

import pytest

from tests.recurrence.comparison import (
    SECOND,
    Tally,
    compare,
    is_accepted,
    window,
)
from tests.recurrence.generated import cron_expression

EXPRESSIONS_PER_TRANSITION = 2
TRANSITIONS = (
    ("Europe/Berlin", "2026-03-29T01:00Z"),
    ("Europe/Berlin", "2026-10-25T01:00Z"),
    ("America/New_York", "2026-11-01T06:00Z"),
    ("Australia/Lord_Howe", "2026-04-04T15:00Z"),
    ("Australia/Lord_Howe", "2026-10-03T15:30Z"),
    ("Africa/Casablanca", "2026-02-15T02:00Z"),
    ("Asia/Kathmandu", "1985-12-31T18:30Z"),
    ("America/St_Johns", "2010-11-07T02:31Z"),
    ("Pacific/Apia", "2011-12-30T10:00Z"),
    ("UTC", "2028-02-29T00:00Z"),
    ("Africa/Cairo", "2026-04-23T22:00Z"),
    ("America/Sao_Paulo", "2018-02-18T02:00Z"),
    ("Asia/Tehran", "2021-03-21T20:30Z"),
    ("Antarctica/Troll", "2026-03-29T01:00Z"),
    ("Antarctica/Troll", "2026-10-25T01:00Z"),
    ("America/Havana", "2026-11-01T05:00Z"),
)


@pytest.mark.parametrize(("zone", "transition"), TRANSITIONS)
def test_the_package_and_the_oracle_agree_around_a_transition(zone: str, transition: str) -> None:
    moment, around = datetime.fromisoformat(transition), timedelta(hours=5)
    stretch = window(zone, moment - around, moment + around)
    random = Random(f"{zone} {transition}")
    tally = Tally()

    while tally.expressions - tally.refused < EXPRESSIONS_PER_TRANSITION:
        text = cron_expression(random)
        if is_accepted(text, tally):
            compare(text, stretch, random, tally)

    assert tally.disagreements == []
    assert tally.comparisons > 0


@pytest.mark.parametrize(("zone", "transition"), TRANSITIONS[3:5])
def test_they_agree_second_by_second(zone: str, transition: str) -> None:
    moment, around = datetime.fromisoformat(transition), timedelta(minutes=40)
    stretch = window(zone, moment - around, moment + around, SECOND, margin=around)
    random = Random(f"{zone} {transition}")
    tally = Tally()

    for text in ("*/20 59 1 * * *", "10,40 29-31 1,2 * * *", "0 */7 * * * *", "5 45 * * * ?"):
        compare(text, stretch, random, tally)

    assert tally.disagreements == []
    assert tally.comparisons > 100
