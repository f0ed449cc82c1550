"""What the document says of a route beyond what the route itself says."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import msgspec


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a status below 400 (or a body that is no problem) means."""

    meaning: str
    model: Any = None  # None: it has no body; a tuple: one of these
    media_type: str = "application/json"
    headers: Mapping[str, str] = field(default_factory=dict)  # name → what it says
    example: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    """One route: `path` and `method` are its key in OPERATIONS."""

    summary: str
    answers: Mapping[int, Answer]  # by status
    body: Any = None  # the model of the request's body
    line: Any = None  # where the body may also be lines (NDJSON): the model of each
    body_required: bool = True
    examples: Mapping[str, Any] = field(default_factory=dict)  # of the body: title → value
    query: type[msgspec.Struct] | None = None
    headers: Mapping[str, str] = field(
        default_factory=dict
    )  # request headers that it reads: name → meaning
    problems: tuple[str, ...] = ()  # codes beyond those that every route of its kind may answer
