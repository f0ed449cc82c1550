"""Handlers: the user's functions, by task type.

    @handler("email")
    def send(task: TaskView, context: Context) -> JSON: ...

A handler runs at least once. It may be called again after a crash, a timeout or a lost lease;
`task.id` stays the same, so it is the idempotency key for whatever the handler touches outside.
"""

import importlib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any, Protocol

import msgspec

from dueline.domain.errors import DuelineError
from dueline.domain.outcomes import GiveUp, RetryLater
from dueline.domain.retry import RetryPolicy
from dueline.domain.tasks import TYPE_PATTERN

__all__ = [
    "JSON",
    "Context",
    "GiveUp",
    "Handler",
    "RetryLater",
    "TaskView",
    "handler",
    "load_handlers",
]

# What a handler may return: anything that JSON can say.
JSON = Any


class TaskView(msgspec.Struct, frozen=True, kw_only=True):
    """What a handler sees of its task."""

    id: str
    type: str
    payload: JSON
    attempt: int  # 1 is the first
    execute_at: datetime  # the moment asked for
    due_at: datetime  # when this attempt was due


class Context(Protocol):
    """What a handler can ask about the attempt it is in."""

    def remaining(self) -> timedelta:
        """Time left before the attempt counts as failed."""

    @property
    def cancelled(self) -> bool:
        """Whether the result is no longer wanted: called off, timed out, or the lease is lost."""


HandlerFunction = Callable[[TaskView, Context], JSON]


@dataclass(frozen=True, slots=True, kw_only=True)
class Handler:
    """A registered handler and its defaults; a task may bring its own."""

    type: str
    function: HandlerFunction
    retry: RetryPolicy = field(default_factory=RetryPolicy)
    timeout: timedelta | None = None


_registered: dict[str, Handler] = {}


def handler(
    type_: str, *, retry: RetryPolicy | None = None, timeout: timedelta | None = None
) -> Callable[[HandlerFunction], HandlerFunction]:
    """Register the decorated function for tasks of this type."""
    if not re.fullmatch(TYPE_PATTERN, type_):
        raise DuelineError(f"@handler({type_!r}): a type must match {TYPE_PATTERN}")

    def register(function: HandlerFunction) -> HandlerFunction:
        taken = _registered.get(type_)
        if taken and taken.function.__module__ != function.__module__:
            raise DuelineError(
                f"@handler({type_!r}) is in {taken.function.__module__} "
                f"and in {function.__module__}: rename one"
            )
        _registered[type_] = Handler(
            type=type_, function=function, retry=retry or RetryPolicy(), timeout=timeout
        )
        return function

    return register


def load_handlers(modules: Iterable[str]) -> Mapping[str, Handler]:
    """Import the modules (setting DUELINE_HANDLERS) and return every handler by type."""
    for module in modules:
        importlib.import_module(module)
    return MappingProxyType(_registered)
