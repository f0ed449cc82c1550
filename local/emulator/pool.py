"""The environments of one function: how many there may be, and which one gets an event."""

import threading
import time
from datetime import timedelta

from local.emulator.environment import (
    DiedIdle,
    Environment,
    EnvironmentStatus,
    Settings,
    State,
)
from local.emulator.functions import FunctionConfig
from local.emulator.invocations import InvocationResult, PlatformStopped, TooManyRequests

LAST_EVENTS_SECONDS = 5.0  # a killed process answers its caller within milliseconds


class EnvironmentPool:
    """At most `concurrency` environments, started when needed, kept warm. Safe for threads."""

    def __init__(self, config: FunctionConfig, settings: Settings) -> None:
        self._config = config
        self._settings = settings
        self._changed = threading.Condition()
        self._idle: list[Environment] = []  # most recently used last
        self._busy: set[Environment] = set()
        self._outdated: set[Environment] = set()  # busy with code that has changed since
        self._stopped = False

    def invoke(self, event: bytes, *, wait: timedelta | None) -> InvocationResult:
        """Run the handler; wait for an environment to come free for `wait` at most.

        Raises TooManyRequests when none came free, PlatformStopped after `stop`.
        """
        while True:
            environment = self._take(wait)
            try:
                return environment.invoke(event)
            except DiedIdle:
                continue
            finally:
                self._give_back(environment)

    def retire(self) -> None:
        """Let every environment of today's code go: idle ones now, busy ones after their event."""
        with self._changed:
            idle, self._idle = self._idle, []
            self._outdated |= self._busy
        for environment in idle:
            environment.end()

    def stop(self) -> None:
        """End every process. Events under way end in an error."""
        with self._changed:
            self._stopped = True
            self._changed.notify_all()
            for environment in self._busy:
                environment.kill()
        self.retire()
        with self._changed:
            self._changed.wait_for(lambda: not self._busy, timeout=LAST_EVENTS_SECONDS)

    def statuses(self) -> list[EnvironmentStatus]:
        with self._changed:
            environments = [*self._busy, *self._idle]
        return [each.status() for each in environments if each.is_alive()]

    def _take(self, wait: timedelta | None) -> Environment:
        give_up = time.monotonic() + (wait.total_seconds() if wait else 0.0)
        with self._changed:
            while True:
                if self._stopped:
                    raise PlatformStopped(f"{self._config.name}: the platform is stopped")
                environment = self._free_one()
                if environment is not None:
                    self._busy.add(environment)
                    return environment
                if not self._changed.wait(give_up - time.monotonic()):
                    raise TooManyRequests(
                        f"{self._config.name}: all {self._config.concurrency} environments are "
                        "busy; the function's concurrency is its limit"
                    )

    def _free_one(self) -> Environment | None:
        while self._idle:
            environment = self._idle.pop()
            if environment.is_alive():
                return environment
            environment.end()
        if len(self._busy) < self._config.concurrency:
            return Environment(self._config, self._settings)
        return None

    def _give_back(self, environment: Environment) -> None:
        with self._changed:
            outdated = environment in self._outdated or self._stopped
            if outdated or environment.state is State.BUSY:  # busy: an error of ours came between
                environment.end()
            self._outdated.discard(environment)
            self._busy.discard(environment)
            if environment.state is State.IDLE:
                self._idle.append(environment)
            self._changed.notify()
