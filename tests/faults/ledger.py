"""What handlers did to the outside world: a file to which every call adds a line.

A line that was written stays, whatever becomes of the process. Its time is this machine's wall
clock, which is PostgreSQL's clock too, since the server runs here; so it does not depend on how
dueline reads it.
"""

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

FILE = "DUELINE_FAULTS_LEDGER"  # the variable that names the file


class Effect(NamedTuple):
    """One call of a handler."""

    number: str  # of this call alone; also the handler's result
    task_id: str
    attempt: int
    due_at: datetime
    started_at: datetime


class Ledger:
    """Lines are short, so the system appends each in one piece, from any process and thread."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)

    def add(self, *, task_id: str, attempt: int, due_at: datetime) -> str:
        """The number of the new line."""
        number = os.urandom(8).hex()
        started_at = datetime.now(UTC)
        line = [number, task_id, attempt, due_at.isoformat(), started_at.isoformat()]
        os.write(self._file, f"{json.dumps(line)}\n".encode())
        return number

    def effects(self) -> list[Effect]:
        """All that was ever written, in order."""
        lines = map(json.loads, self._path.read_text().splitlines())
        return [
            Effect(number, task_id, attempt, *map(datetime.fromisoformat, instants))
            for number, task_id, attempt, *instants in lines
        ]

    def close(self) -> None:
        os.close(self._file)
