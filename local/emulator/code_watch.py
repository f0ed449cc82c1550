"""Notice that source files changed, by looking at them twice a second.

Looking, not being told: notifications differ on each system, and a few hundred files take about
a millisecond.
"""

import os
import threading
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from pathlib import Path

EVERY = timedelta(milliseconds=500)
UNWATCHED = {"__pycache__"}


class CodeWatch:
    """Calls `on_change` after files in `places` were changed, added or removed.

    A place is a folder, or a single file. Hidden files and folders, __pycache__ and symbolic
    links are not looked at.
    """

    def __init__(
        self, places: Sequence[Path], on_change: Callable[[], None], *, every: timedelta = EVERY
    ) -> None:
        self._places = places
        self._on_change = on_change
        self._every = every
        self._stopped = threading.Event()
        self._seen = snapshot(places)
        self._thread = threading.Thread(target=self._look, name="code-watch", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        if self._thread.is_alive():
            self._thread.join()

    def _look(self) -> None:
        while not self._stopped.wait(self._every.total_seconds()):
            now = snapshot(self._places)
            if now != self._seen:
                self._seen = now
                self._on_change()


def snapshot(places: Sequence[Path]) -> dict[str, tuple[int, int]]:
    """Each file's path, with the time of its last change in nanoseconds and its size."""
    seen: dict[str, tuple[int, int]] = {}
    for place in places:
        # What was removed while we looked is simply not there; the next look will say so.
        with suppress(FileNotFoundError):
            if place.is_file():
                status = place.stat()
                seen[str(place)] = (status.st_mtime_ns, status.st_size)
            else:
                _look_into(str(place), seen)
    return seen


def _look_into(folder: str, seen: dict[str, tuple[int, int]]) -> None:
    with os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith(".") or entry.name in UNWATCHED:
                continue
            if entry.is_dir(follow_symlinks=False):
                _look_into(entry.path, seen)
            elif entry.is_file(follow_symlinks=False):
                status = entry.stat()
                seen[entry.path] = (status.st_mtime_ns, status.st_size)
