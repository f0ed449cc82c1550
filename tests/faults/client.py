"""A client that remembers what it was promised, even if it is killed itself."""

import json
import os
from collections.abc import Mapping, Sequence
from datetime import datetime
from http.client import HTTPException
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen


class Client:
    """Asks one thing after another. An id that was acknowledged is in the file, on the disk,
    before the next request is sent."""

    def __init__(self, url: str, path: Path) -> None:
        self._url = url
        self._path = path
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC, 0o600)
        self.refused: list[int] = []  # statuses other than 201; 0: no answer at all

    def ask(self, payload: Mapping[str, object], at: datetime | None = None) -> str | None:
        """POST /schedule; the id of the task, or None if there was no 201."""
        answer = self._post("/schedule", _task(payload, at))
        return self._noted([answer])[0] if answer else None

    def ask_for(self, payload: Mapping[str, object], instants: Sequence[datetime | None]) -> None:
        """POST /schedule/batch: all of them, or none."""
        tasks = [_task(payload, at) for at in instants]
        if answer := self._post("/schedule/batch", {"tasks": tasks}):
            self._noted(answer["tasks"])

    def acknowledged(self) -> list[str]:
        """The ids that the file holds."""
        return self._path.read_text().split()

    def _post(self, path: str, body: object) -> Any:
        """The answer, or None if there was no 201."""
        request = Request(  # noqa: S310 - our own
            f"{self._url}{path}", json.dumps(body).encode(), {"Content-Type": "application/json"}
        )
        try:
            with urlopen(request, timeout=30) as answer:  # noqa: S310 - our own
                return json.load(answer)
        except HTTPError as error:
            self.refused.append(error.code)
            error.close()
        except (URLError, HTTPException, OSError):
            self.refused.append(0)
        return None

    def _noted(self, tasks: Sequence[Mapping[str, str]]) -> list[str]:
        ids = [task["task_id"] for task in tasks]
        os.write(self._file, "".join(f"{task_id}\n" for task_id in ids).encode())
        os.fsync(self._file)
        return ids

    def close(self) -> None:
        os.close(self._file)


def _task(payload: Mapping[str, object], at: datetime | None) -> dict[str, object]:
    body: dict[str, object] = {
        "type": "effect",
        "payload": payload,
        "retry": {"base": 0.1, "jitter": False},
    }
    return body if at is None else {**body, "execute_at": at.isoformat()}
