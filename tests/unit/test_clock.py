"""The one clock: carried forward from the server's, and never ahead of it."""

from datetime import UTC, datetime, timedelta

from dueline.clock import ServerClock


class Server:
    """A database server's clock that counts how often it is read."""

    def __init__(self) -> None:
        self.reads = 0

    def time(self) -> datetime:
        self.reads += 1
        return datetime.now(UTC)


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


def test_it_sleeps_until_the_instant_and_not_less() -> None:
    clock = ServerClock(Server().time)
    instant = clock.now() + timedelta(milliseconds=20)

    clock.sleep_until(instant)

    assert clock.now() >= instant
