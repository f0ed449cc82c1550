"""A line that shows how far a campaign is, for a person who watches."""

import sys
import time

WIDTH = 30


class Progress:
    """Writes to standard error, and only if that is a terminal."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._began = time.perf_counter()
        self._watched = sys.stderr.isatty()

    def show(self, done: int, *, failed: int) -> None:
        if not self._watched:
            return
        bar = "#" * (WIDTH * done // self._total)
        left = (time.perf_counter() - self._began) / done * (self._total - done)
        bad = f", {failed} FAILED" if failed else ""
        line = f"[{bar:<{WIDTH}}] {done:,} of {self._total:,} runs, {left:.0f} s left{bad}"
        sys.stderr.write(f"\r\x1b[K{line}")
        sys.stderr.flush()

    def done(self) -> None:
        if self._watched:
            sys.stderr.write("\r\x1b[K")
