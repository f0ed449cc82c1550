"""A bar on the terminal that says what is done and what is under way."""

import sys
import time

WIDTH = 30


class Progress:
    """`steps` steps; on no terminal it prints one line for each instead."""

    def __init__(self, steps: int) -> None:
        self._steps = steps
        self._done = 0
        self._began = time.monotonic()
        self._live = sys.stderr.isatty()

    def begin(self, what: str) -> None:
        """The next step starts."""
        part = self._done / self._steps
        bar = ("█" * round(part * WIDTH)).ljust(WIDTH, "·")
        took = time.monotonic() - self._began
        left = f", {(1 - part) / part * took / 60:.0f} min left" if self._done else ""
        line = f"{bar} {self._done}/{self._steps}{left}: {what}"
        print(f"\r\033[K{line}" if self._live else line, end="", file=sys.stderr, flush=True)
        if not self._live:
            print(file=sys.stderr, flush=True)

    def end(self, told: str) -> None:
        """The step is done; `told` stays on the screen."""
        self._done += 1
        print(f"\r\033[K  {told}" if self._live else f"  {told}", file=sys.stderr, flush=True)
