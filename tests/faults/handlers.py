"""The handlers of these tests. Each call leaves a line in the ledger, and returns its number."""

import os
import threading
import time
from functools import cache
from pathlib import Path

from dueline.handler import Context, GiveUp, TaskView, handler
from tests.faults.ledger import FILE, Ledger


@cache
def ledger() -> Ledger:
    return Ledger(Path(os.environ[FILE]))


@handler("effect")
def effect(task: TaskView, context: Context) -> str:
    """payload: {"seconds": how long it takes, "failures": how many attempts fail first}."""
    number = ledger().add(task_id=task.id, attempt=task.attempt, due_at=task.due_at)
    end = time.monotonic() + task.payload.get("seconds", 0)
    while (left := end - time.monotonic()) > 0 and not context.cancelled:
        threading.Event().wait(min(left, 0.05))
    if task.attempt <= task.payload.get("failures", 0):
        raise ConnectionError("the outside world is down")
    if task.payload.get("give_up"):
        raise GiveUp("never")
    return number
