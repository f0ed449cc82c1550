"""Where a function process can be made to die, by files in a folder.

A kill point is "<function>.<when>.<port>.<method>". It is armed by a file of that name. The first
process that reaches the point renames the file, so that only one dies, and kills itself with
SIGKILL. Only the functions of tests/faults/functions look for such files.
"""

import os
import signal
import threading
import uuid
from collections.abc import Callable
from enum import StrEnum
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

FOLDER = "DUELINE_FAULTS_ARMED"  # the variable that names the folder
STRUCK = ".struck"
T = TypeVar("T")


class When(StrEnum):
    """On which side of a call of a port the process dies."""

    BEFORE = "before"  # nothing was asked
    DURING = "during"  # asked, at some moment until the answer is there
    AFTER = "after"  # answered, and nobody has used the answer


class KillPoint(NamedTuple):
    """One place to die."""

    function: str
    when: When
    step: str  # "<port>.<method>"

    @property
    def name(self) -> str:
        return f"{self.function}.{self.when}.{self.step}"


class Arming:
    """The side of the test."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(exist_ok=True)
        self._folder = folder

    def arm(self, point: KillPoint, *, after_seconds: float = 0.0) -> None:
        """The next process there dies. `after_seconds` is how far into a call, for DURING."""
        # In one piece: a process may look at any moment.
        half = self._folder / f".{uuid.uuid4().hex}"
        half.write_text(str(after_seconds))
        half.rename(self._folder / point.name)

    def struck(self, point: KillPoint) -> bool:
        """Whether a process died there since the last `clear`."""
        return (self._folder / f"{point.name}{STRUCK}").exists()

    def clear(self) -> None:
        """Disarm what nobody reached, and forget who died."""
        for path in self._folder.iterdir():
            path.unlink(missing_ok=True)


class KillPoints:
    """The side of a function process."""

    def __init__(self, function: str, folder: str) -> None:
        self._function = function
        self._folder = folder

    def around(self, step: str, call: Callable[[], T]) -> T:
        """Call, and die where that is armed."""
        if self._armed(When.BEFORE, step) is not None:
            die()
        seconds = self._armed(When.DURING, step)
        if seconds is not None:
            end = threading.Timer(seconds, die)
            end.daemon = True
            end.start()
        try:
            answer = call()
        finally:
            if seconds is not None:
                die()  # the answer was quicker
        if self._armed(When.AFTER, step) is not None:
            die()
        return answer

    def _armed(self, when: When, step: str) -> float | None:
        """Seconds, if the point is armed and this process is the one to die."""
        path = f"{self._folder}/{KillPoint(self._function, when, step).name}"
        try:
            os.rename(path, f"{path}{STRUCK}")  # noqa: PTH104 - called for every step
        except FileNotFoundError:
            return None
        return float(Path(f"{path}{STRUCK}").read_text())


class Armed:
    """A port whose every method is a kill point. Passes for the port that it wraps."""

    def __init__(self, port: object, name: str, points: KillPoints) -> None:
        self._port = port
        self._name = name
        self._points = points

    def __getattr__(self, method: str) -> Callable[..., Any]:
        call = getattr(self._port, method)
        step = f"{self._name}.{method}"
        return lambda *args, **named: self._points.around(step, lambda: call(*args, **named))


def die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)
