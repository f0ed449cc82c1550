"""A payload read as a typed value, or refused for good."""

from typing import TypeVar

import msgspec

from dueline.handler import GiveUp, TaskView

Wanted = TypeVar("Wanted")


def read_payload(task: TaskView, wanted: type[Wanted]) -> Wanted:
    """The task's payload as `wanted`, a msgspec Struct or a dataclass.

    Raises GiveUp with a sentence that names the field: a wrong payload is as wrong next time.
    """
    try:
        return msgspec.convert(task.payload, wanted)
    except msgspec.ValidationError as error:
        raise GiveUp(f"payload of a {task.type!r} task refused: {error}") from error
