"""An invoker that keeps events and answers as a test tells it."""

import json
import threading
from collections import deque
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from local.emulator.invocations import InvocationRefused, InvocationResult


@dataclass(slots=True)
class RecordingInvoker:
    """`answers` are given in turn: None a success, a text an error's type, or a refusal."""

    answers: deque[str | InvocationRefused | None] = field(default_factory=deque)
    events: list[Any] = field(default_factory=list)
    functions: list[str] = field(default_factory=list)
    waits: list[timedelta | None] = field(default_factory=list)
    open: threading.Event = field(default_factory=threading.Event)

    def __post_init__(self) -> None:
        self.open.set()

    def invoke(self, name: str, event: bytes, *, wait: timedelta | None = None) -> InvocationResult:
        self.waits.append(wait)
        self.submit(name, event)
        self.open.wait()
        answer = self.answers.popleft() if self.answers else None
        if isinstance(answer, InvocationRefused):
            raise answer
        return InvocationResult(
            payload=b"null", error=answer, duration=timedelta(0), cold_start=False
        )

    def submit(self, name: str, event: bytes) -> None:
        self.functions.append(name)
        self.events.append(json.loads(event))
