"""Wait for something that happens elsewhere."""

import threading
import time
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def eventually(look: Callable[[], T], *, within: float) -> T:
    """Look again and again until what is seen is true, and return it; fail after `within` s."""
    ends = time.monotonic() + within
    pause = threading.Event()
    while True:
        seen = look()
        if seen:
            return seen
        assert time.monotonic() < ends, f"not seen within {within} s; last seen: {seen!r}"
        pause.wait(0.02)
