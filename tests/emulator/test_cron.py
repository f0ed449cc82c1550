"""When the cron fires, and with what."""

from datetime import UTC, datetime, timedelta

import pytest

from local.triggers.cron import Cron, next_period
from tests.eventually import eventually

from .recording import RecordingInvoker

MINUTE = timedelta(minutes=1)
TICK = timedelta(milliseconds=20)


@pytest.mark.parametrize(
    ("after", "next_one"),
    [
        ("2026-03-09T08:05:40", "2026-03-09T08:06:40"),
        ("2026-03-09T08:06:39.999999", "2026-03-09T08:06:40"),
        ("2026-03-09T08:06:40", "2026-03-09T08:07:40"),
        ("2026-12-31T23:59:50", "2027-01-01T00:00:40"),
    ],
)
def test_periods_are_counted_from_the_start(after: str, next_one: str) -> None:
    begin = datetime(2026, 3, 9, 8, 5, 40, tzinfo=UTC)
    moment = datetime.fromisoformat(after).replace(tzinfo=UTC)

    assert next_period(begin, moment, every=MINUTE).isoformat() == f"{next_one}+00:00"


def test_it_fires_at_once() -> None:
    invoker = RecordingInvoker()
    cron = Cron(invoker, "tick", every=timedelta(days=1))

    cron.start()

    eventually(lambda: len(invoker.events) == 1)
    cron.stop()
    assert invoker.functions == ["tick"]
    [event] = invoker.events
    assert event["detail-type"] == "Scheduled Event"
    assert event["resources"] == ["arn:aws:events:us-east-1:000000000000:rule/tick"]


def test_it_fires_in_every_period_once() -> None:
    fired: list[datetime] = []
    invoker = RecordingInvoker()

    def now() -> datetime:
        moment = datetime.now(UTC)
        fired.append(moment)
        return moment

    cron = Cron(invoker, "tick", every=TICK, now=now)
    cron.start()
    eventually(lambda: len(invoker.events) >= 6)
    cron.stop()

    ids = [event["id"] for event in invoker.events]
    assert len(set(ids)) == len(ids)
    lasted = fired[-1] - fired[0]
    assert len(ids) <= lasted / TICK + 2


def test_a_machine_that_was_suspended_fires_once_and_not_for_each_minute() -> None:
    invoker = RecordingInvoker()
    half_past = datetime(2026, 3, 9, 8, 5, 30, tzinfo=UTC)
    woken = half_past + timedelta(hours=8)
    readings = iter([half_past, half_past])
    cron = Cron(invoker, "tick", every=MINUTE, now=lambda: next(readings, woken))

    cron.start()

    eventually(lambda: len(invoker.events) == 2)
    cron.stop()
    times = [event["time"] for event in invoker.events]
    assert times == ["2026-03-09T08:05:30Z", "2026-03-09T08:06:30Z"]
