"""The one clock: carried forward from the server's, and never ahead of it."""

import time
from datetime import UTC, datetime, timedelta

import pytest

from dueline.clock import ServerClock


class Server:
    """A database server's clock that counts how often it is read."""

    def __init__(self) -> None:
        self.reads = 0
        self.ahead = timedelta(0)  # of this machine's clock
        self.answers_after = 0.0  # seconds

    def time(self) -> datetime:
        self.reads += 1
        told = datetime.now(UTC) + self.ahead
        answered_at = time.monotonic() + self.answers_after
        while time.monotonic() < answered_at:
            pass
        return told


def test_it_is_never_ahead_of_the_servers_clock() -> None:
    clock = ServerClock(Server().time)

    readings = [(clock.now(), datetime.now(UTC)) for _ in range(1_000)]

    assert all(ours <= theirs for ours, theirs in readings)


def test_it_asks_the_server_once_and_then_carries_on_by_itself() -> None:
    server = Server()
    clock = ServerClock(server.time)
    first = clock.now()
    asked = server.reads

    later = clock.now()

    assert server.reads == asked
    assert later >= first


def test_a_sync_asks_only_when_the_reading_is_older_than_wanted() -> None:
    server = Server()
    clock = ServerClock(server.time)
    clock.sync()
    asked = server.reads

    clock.sync(older_than=timedelta(hours=1))
    assert server.reads == asked

    clock.sync()
    assert server.reads > asked


@pytest.mark.parametrize("ahead", [timedelta(seconds=5), timedelta(seconds=-5)])
def test_a_sync_follows_a_server_whose_clock_no_longer_agrees(ahead: timedelta) -> None:
    """As after a freeze, in which our own clock may have stood still."""
    server = Server()
    clock = ServerClock(server.time)
    clock.sync()

    server.ahead = ahead
    clock.sync()

    assert abs(clock.now() - datetime.now(UTC) - ahead) < timedelta(seconds=1)


def test_a_sync_asks_once_where_the_answer_bears_the_last_one_out() -> None:
    server = Server()
    clock = ServerClock(server.time)
    clock.sync()
    asked = server.reads

    server.answers_after = 0.005  # it can mean a moment anywhere in this time
    clock.sync()

    assert server.reads == asked + 1


def test_it_sleeps_until_the_instant_and_not_less() -> None:
    clock = ServerClock(Server().time)
    instant = clock.now() + timedelta(milliseconds=20)

    clock.sleep_until(instant)

    assert clock.now() >= instant
