"""Waiting for what happens on another thread or in another process."""

import threading
import time
from collections.abc import Callable
from datetime import timedelta
from typing import TypeVar

T = TypeVar("T")


def eventually(check: Callable[[], T | None], *, within: timedelta = timedelta(seconds=10)) -> T:
    """The first true answer of `check`; fails with its last answer after `within`."""
    give_up = time.monotonic() + within.total_seconds()
    while not (answer := check()):
        assert time.monotonic() < give_up, f"still {answer!r} after {within}"
        threading.Event().wait(0.005)
    return answer
