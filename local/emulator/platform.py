"""The function platform on this machine: AWS Lambda's behaviour around the genuine client.

What it does as Lambda does: one process per environment and one event at a time in it, cold and
warm starts, reserved concurrency and throttling, deadlines that kill, resets after a crash, size
limits, the Invoke API. What it does not: enforce memory, repeat asynchronous invocations, keep
versions, check permissions.
"""

import threading
from collections.abc import Callable, Iterable, Sequence
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

from local.emulator.code_watch import CodeWatch
from local.emulator.environment import EnvironmentStatus, Settings
from local.emulator.functions import FunctionConfig
from local.emulator.http_server import LocalServer
from local.emulator.invocations import (
    LARGEST_ASYNC_EVENT,
    LARGEST_SYNC_EVENT,
    EventTooLarge,
    FunctionNotFound,
    InvocationRefused,
    InvocationResult,
)
from local.emulator.invoke_api import InvokeApi
from local.emulator.pool import EnvironmentPool
from local.emulator.process import LogSink


class Platform:
    """Runs functions. Every method may be called from any thread.

    `log` gets each line that a function prints (function name, line), and must not raise.
    `on_spawn` is told the process id of each new environment. `port` is the Invoke API's; 0 takes
    a free one, PortTaken is raised for one in use. `watch` are folders whose change makes every
    environment outdated.
    """

    def __init__(
        self,
        functions: Iterable[FunctionConfig],
        *,
        log: LogSink,
        on_spawn: Callable[[int], None] | None = None,
        port: int = 0,
        freeze: bool = False,
        watch: Sequence[Path] = (),
    ) -> None:
        self._log = log
        self._server = LocalServer(port, InvokeApi(self))
        settings = Settings(log=log, invoke_url=self._server.url, on_spawn=on_spawn, freeze=freeze)
        self._pools = {each.name: EnvironmentPool(each, settings) for each in functions}
        self._watch = CodeWatch(watch, self.reload)

    @property
    def url(self) -> str:
        """Where the Invoke API is: boto3's `endpoint_url`."""
        return self._server.url

    def start(self) -> None:
        self._server.start()
        self._watch.start()

    def stop(self) -> None:
        """End every process and thread; invocations under way end in an error."""
        self._watch.stop()
        for pool in self._pools.values():
            pool.stop()
        self._server.stop()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.stop()

    def invoke(self, name: str, event: bytes, *, wait: timedelta | None = None) -> InvocationResult:
        """Run function `name` on `event` (JSON) and wait for its answer, an error included.

        While all its environments are busy: wait for one up to `wait`, then raise
        TooManyRequests; at once without `wait`, as Lambda. Other refusals: FunctionNotFound,
        EventTooLarge, PlatformStopped.
        """
        self.check(name, event)
        return self._pools[name].invoke(event, wait=wait)

    def submit(self, name: str, event: bytes) -> None:
        """Run function `name` on `event` in the background: an asynchronous invocation.

        Tried once, as with MaximumRetryAttempts 0: a refusal or an error is logged and dropped.
        Raises FunctionNotFound or EventTooLarge at once.
        """
        self.check(name, event, largest=LARGEST_ASYNC_EVENT)
        threading.Thread(
            target=self._invoke_once, args=(name, event), name=f"invoke-{name}", daemon=True
        ).start()

    def check(self, name: str, event: bytes, *, largest: int = LARGEST_SYNC_EVENT) -> None:
        """Raise FunctionNotFound or EventTooLarge if an invocation would."""
        if name not in self._pools:
            raise FunctionNotFound(f"function {name!r} is not one of {sorted(self._pools)}")
        if len(event) > largest:
            raise EventTooLarge(
                f"{name}: an event of {len(event)} bytes, above the limit of {largest}"
            )

    def environments(self) -> list[EnvironmentStatus]:
        """Every environment that lives now."""
        return [status for pool in self._pools.values() for status in pool.statuses()]

    def reload(self) -> None:
        """Let go of all environments: the next events find the code as it is then."""
        for pool in self._pools.values():
            pool.retire()

    def _invoke_once(self, name: str, event: bytes) -> None:
        try:
            result = self._pools[name].invoke(event, wait=None)
        except InvocationRefused as refused:
            self._log(name, f"[ERROR] {refused.code}: event dropped: {refused}")
        else:
            if result.error is not None:
                self._log(name, f"[ERROR] {result.error}: the event is not tried again")
