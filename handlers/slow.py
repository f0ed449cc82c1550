"""slow: takes its time. For a look at timeouts, cancelling and leases."""

from threading import Event
from time import monotonic
from typing import Annotated

import msgspec

from dueline.handler import JSON, Context, TaskView, handler
from handlers.payloads import read_payload

STEP_SECONDS = 0.1  # how soon it notices that nobody wants its result any more


class Slow(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    seconds: Annotated[float, msgspec.Meta(ge=0, le=3600)] = 2.0


@handler("slow")
def slow(task: TaskView, context: Context) -> JSON:
    seconds = read_payload(task, Slow).seconds
    begin = monotonic()
    never = Event()
    while (left := begin + seconds - monotonic()) > 0 and not context.cancelled:
        never.wait(min(left, STEP_SECONDS))
    return {"seconds": round(monotonic() - begin, 3), "cancelled": context.cancelled}
