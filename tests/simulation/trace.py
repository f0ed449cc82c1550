"""How values look in a trace: short, and the same in every process (no order of hashes)."""

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime, timedelta
from typing import Any

from dueline.domain.lanes import Lane
from dueline.domain.outcomes import Outcome
from dueline.domain.tasks import Claim, DueTask, Task, TaskRef
from tests.simulation.scheduler import START

MOST_ITEMS = 6


def shown_call(name: str, args: Sequence[Any], named: Mapping[str, Any]) -> str:
    inside = [shown(arg) for arg in args] + [f"{key}={shown(arg)}" for key, arg in named.items()]
    return f"{name}({', '.join(inside)})"


def shown(value: object) -> str:
    match value:
        case TaskRef():
            return f"{value.id[-4:]}@{value.fence}"
        case DueTask():
            return f"{shown(value.ref)} at {shown(value.due_at)}"
        case Task():
            return f"{shown(value.ref)} {value.type} at {shown(value.due_at)}"
        case Claim():
            return f"{shown(value.ref)} {value.type} #{value.attempt}"
        case Outcome():
            return f"{shown(value.ref)} #{value.attempt} {value.status}"
        case Lane():
            return value.name
        case datetime():
            return f"{(value - START).total_seconds():.4f}"
        case timedelta():
            return f"{value.total_seconds():g}s"
        case _:
            return _shown_collection(value)


def _shown_collection(value: object) -> str:
    match value:
        case tuple() | list():
            return f"[{_joined([shown(item) for item in value])}]"
        case _ if isinstance(value, AbstractSet):
            return f"{{{_joined(sorted(shown(item) for item in value))}}}"
        case str() | bytes():
            return repr(value)
        case _:
            return str(value)


def _joined(items: Sequence[str]) -> str:
    more = len(items) - MOST_ITEMS
    return ", ".join(items[:MOST_ITEMS]) + (f", and {more} more" if more > 0 else "")
