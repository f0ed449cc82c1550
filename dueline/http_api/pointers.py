"""JSON pointers (RFC 6901): where in a body a value is."""

import re
from collections.abc import Iterable

_STEP = re.compile(r"\.([^.\[]+)|\[([0-9]+)\]")


def json_pointer(steps: Iterable[str | int]) -> str:
    """The names and indexes on the way to a value, as a pointer; "" is the whole body."""
    return "".join(f"/{str(step).replace('~', '~0').replace('/', '~1')}" for step in steps)


def pointer_of_path(path: str) -> str:
    """msgspec's way of writing a place, `$.tasks[3].retry`, as a pointer, /tasks/3/retry.

    Where msgspec does not know the name (it writes `[...]`), the pointer ends before it.
    """
    known = path.partition("[...]")[0]
    return json_pointer(name or index for name, index in _STEP.findall(known))
