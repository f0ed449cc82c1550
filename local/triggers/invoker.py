"""What a trigger asks of the platform."""

from datetime import timedelta
from typing import Protocol

from local.emulator.invocations import InvocationResult


class Invoker(Protocol):
    """local.emulator.platform.Platform; its docstrings are the promise."""

    def invoke(
        self, name: str, event: bytes, *, wait: timedelta | None = None
    ) -> InvocationResult: ...

    def submit(self, name: str, event: bytes) -> None: ...
