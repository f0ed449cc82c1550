"""What a run prints: one line per attempt of a task, and whatever the functions have to say."""

import json
import threading
from collections.abc import Callable
from datetime import datetime

MARKS = {"completed": "✓", "failed": "✗", "pending": "↻"}


class TaskLog:
    """The platform's log sink: turns a function's JSON log lines into lines for people."""

    def __init__(self, write: Callable[[str], None], *, url: str = "") -> None:
        self._write = write
        self._lock = threading.Lock()
        self._muted = False
        self.url = url  # of the API, so that a line can be followed

    def mute(self) -> None:
        """Print nothing from here on."""
        self._muted = True

    def __call__(self, function: str, line: str) -> None:
        text = describe(function, line, url=self.url)
        if text and not self._muted:
            with self._lock:
                self._write(text)


def describe(function: str, line: str, *, url: str) -> str:
    """The line to print for a function's line; empty for what nobody needs."""
    try:
        entry = json.loads(line)
    except ValueError:
        return f"{function}: {line}" if line.strip() else ""
    if not isinstance(entry, dict):
        return f"{function}: {line}"
    if entry.get("event") == "task_attempted":
        return _attempt(entry, url)
    message = entry.get("message") or entry.get("errorMessage") or line
    trace = "".join(f"\n    {part}" for part in _trace(entry))
    return f"{_time(entry)} {function}: {entry.get('level', 'INFO').lower()}: {message}{trace}"


def _attempt(entry: dict[str, object], url: str) -> str:
    mark = MARKS.get(str(entry["status"]), "·")
    said = f"  {entry['error']}" if entry.get("error") else ""
    again = " (to be tried again)" if entry["status"] == "pending" else ""
    return (
        f"{_time(entry)} {mark} {entry['type']}  attempt {entry['attempt']}  "
        f"{entry['took_ms']} ms  {url}/tasks/{entry['task_id']}{said}{again}"
    )


def _time(entry: dict[str, object]) -> str:
    try:
        at = datetime.fromisoformat(str(entry.get("timestamp", "")))
    except ValueError:
        return "        "
    return f"{at:%H:%M:%S}"


def _trace(entry: dict[str, object]) -> list[str]:
    trace = entry.get("stackTrace") or entry.get("exc_info") or []
    lines = trace if isinstance(trace, list) else str(trace).splitlines()
    return [part for item in lines for part in str(item).rstrip().splitlines()]
