"""End servers: ask each to stop, and kill what is left. The watchdog and the owner both do this."""

import os
import signal
import time
from collections.abc import Iterable, Mapping
from datetime import timedelta

from local.services.process_table import Row, is_alive, members

GRACE = timedelta(seconds=10)
_POLL_SECONDS = 0.01


def end(servers: Mapping[Row, signal.Signals], *, grace: timedelta = GRACE) -> None:
    """End these servers, given as leading process and the signal that asks it to stop.

    All are asked at once. When a leader is gone, or `grace` is over, whatever still lives of its
    server is killed. On return nothing of them runs.
    """
    known = {leader: members(leader) for leader in servers}
    for leader, stop_signal in servers.items():
        send(stop_signal, [leader])
        # A process that a test froze cannot act on the signal before it goes on.
        send(signal.SIGCONT, known[leader])
    give_up = time.monotonic() + grace.total_seconds()
    while any(is_alive(leader) for leader in servers) and time.monotonic() < give_up:
        time.sleep(_POLL_SECONDS)
    for leader, before in known.items():
        kill({*before, *members(leader)})


def kill(rows: Iterable[Row]) -> None:
    """SIGKILL these processes and wait until none of them lives."""
    rows = list(rows)
    send(signal.SIGKILL, rows)
    while any(is_alive(row) for row in rows):
        time.sleep(_POLL_SECONDS)


def send(number: signal.Signals, rows: Iterable[Row]) -> None:
    """Send a signal to those of these processes that still live."""
    for row in rows:
        if is_alive(row):
            try:
                os.kill(row.pid, number)
            except ProcessLookupError:
                continue  # it ended in between, which is as good
