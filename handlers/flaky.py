"""flaky: fails the first attempts, then succeeds. For a look at retries."""

from typing import Annotated

import msgspec

from dueline.handler import JSON, Context, TaskView, handler
from handlers.payloads import read_payload


class Flaky(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    failures: Annotated[int, msgspec.Meta(ge=0)] = 2


@handler("flaky")
def flaky(task: TaskView, _context: Context) -> JSON:
    failures = read_payload(task, Flaky).failures
    if task.attempt <= failures:
        raise RuntimeError(f"attempt {task.attempt} failed, as the first {failures} are to")
    return {"attempt": task.attempt}
