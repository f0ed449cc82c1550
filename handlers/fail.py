"""fail: never succeeds. For a look at retries, and at a task that has failed."""

import msgspec

from dueline.handler import JSON, Context, GiveUp, TaskView, handler
from handlers.payloads import read_payload


class Fail(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    give_up: bool = False  # true: fails for good at the first attempt


@handler("fail")
def fail(task: TaskView, _context: Context) -> JSON:
    if read_payload(task, Fail).give_up:
        raise GiveUp("this task gives up at once, as its payload asks")
    raise RuntimeError(f"attempt {task.attempt} failed, as every attempt of a 'fail' task does")
