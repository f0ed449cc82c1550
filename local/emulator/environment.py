"""One execution environment: a process that handles one event at a time, kept warm in between."""

import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

from local.emulator.conversation import Answer, Conversation, TimedOut
from local.emulator.functions import FunctionConfig
from local.emulator.invocations import (
    PROCESS_ENDED,
    RESPONSE_TOO_LARGE,
    TIMED_OUT,
    InvocationResult,
    error_payload,
)
from local.emulator.process import LogSink, Process, environment_of
from local.emulator.runtime_api import CallRefused, ProcessEnded, RuntimeApi

# Lambda's limit for the init phase, after which it starts again on the invocation's own time
# ("Lambda execution environment lifecycle").
INIT_LIMIT = timedelta(seconds=10)


class State(StrEnum):
    NEW = "new"  # no process yet: the first event starts it
    BUSY = "busy"  # starting, or running a handler
    IDLE = "idle"  # warm, waiting for an event
    ENDED = "ended"  # never used again


class DiedIdle(Exception):
    """The process ended between two events. This event did not reach it: use another one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What all environments of a platform have in common."""

    log: LogSink
    invoke_url: str
    on_spawn: Callable[[int], None] | None = None  # told the id of each new process
    freeze: bool = False  # stop the process between events, as Lambda does


@dataclass(frozen=True, slots=True, kw_only=True)
class EnvironmentStatus:
    """For status pages, and for tests that kill one."""

    name: str
    pid: int | None  # None before its first event
    state: State
    invocations: int


class Environment:
    """Used by one thread at a time; only `kill`, `status` and `is_alive` may come from others.

    After a time-out, a crash, a failed start or an oversize answer it is ENDED, as Lambda resets
    an environment. After an error that the handler raised it stays warm.
    """

    def __init__(self, config: FunctionConfig, settings: Settings) -> None:
        self.state = State.NEW
        self._config = config
        self._settings = settings
        self._api = RuntimeApi()
        self._conversation = Conversation(self._api)
        self._process: Process | None = None
        self._spawning = threading.Lock()
        self._killed = False
        self._invocations = 0

    def status(self) -> EnvironmentStatus:
        pid = self._process.pid if self._process else None
        return EnvironmentStatus(
            name=self._config.name, pid=pid, state=self.state, invocations=self._invocations
        )

    def is_alive(self) -> bool:
        return self._process is None or self._process.is_alive()

    def invoke(self, event: bytes) -> InvocationResult:
        """Run the handler on `event`, in a process started now if there is none.

        Raises DiedIdle if the process was gone before it could be given the event.
        """
        cold = self.state is State.NEW
        self.state = State.BUSY
        failed_start = self._start() if cold else None
        if not cold:
            self._resume()
        began = time.monotonic()
        answer = failed_start or self._run(event)
        duration = timedelta(seconds=time.monotonic() - began)
        if self.state is State.BUSY:
            self._rest()
        return InvocationResult(
            payload=answer.payload, error=answer.error, duration=duration, cold_start=cold
        )

    def kill(self) -> None:
        """End the process at once. The thread that uses the environment finds out by itself."""
        with self._spawning:
            self._killed = True
            if self._process is not None:
                self._process.kill()

    def end(self) -> str:
        """End the process and let go of everything; how it ended. Safe to repeat."""
        self.state = State.ENDED
        self.kill()
        self._api.close()
        return self._process.reap() if self._process else "never started"

    def _start(self) -> Answer | None:
        """The cold start: None when the handler is loaded, else the error to give the caller."""
        limit = INIT_LIMIT + self._config.timeout
        try:
            self._spawn()
            failure = self._conversation.await_next(time.monotonic() + limit.total_seconds())
        except ProcessEnded:
            end = self.end()
            return self._failure(PROCESS_ENDED, f"Runtime exited during init with error: {end}")
        except TimedOut:
            self.end()
            seconds = limit.total_seconds()
            return self._failure(TIMED_OUT, f"Init timed out after {seconds:.2f} seconds")
        if failure is not None:
            self.end()
        return failure

    def _spawn(self) -> None:
        environment = environment_of(
            self._config,
            runtime_api=self._api.address,
            invoke_url=self._settings.invoke_url,
            stream=uuid.uuid4().hex,
        )
        with self._spawning:
            if self._killed:
                raise ProcessEnded("the platform stopped before the process was started")
            self._process = Process(self._config, environment, self._settings.log)
        self._api.watch(self._process.lifeline)
        if self._settings.on_spawn is not None:
            self._settings.on_spawn(self._process.pid)

    def _resume(self) -> None:
        if self._settings.freeze and self._process is not None:
            self._process.thaw()
        try:
            self._await_next()
        except (ProcessEnded, TimedOut) as error:
            self.end()
            raise DiedIdle from error

    def _run(self, event: bytes) -> Answer:
        request_id = str(uuid.uuid4())
        seconds = self._config.timeout.total_seconds()
        headers = {
            # Wall clock, because the process compares it with its own.
            "Lambda-Runtime-Deadline-Ms": str(int((time.time() + seconds) * 1000)),
            "Lambda-Runtime-Invoked-Function-Arn": self._config.arn,
        }
        self._invocations += 1
        deadline = time.monotonic() + seconds
        try:
            self._conversation.deliver(event, request_id=request_id, headers=headers)
            return self._conversation.await_answer(deadline)
        except TimedOut:
            self.end()
            message = f"RequestId: {request_id} Error: Task timed out after {seconds:.2f} seconds"
            return self._failure(TIMED_OUT, message)
        except ProcessEnded:
            end = self.end()
            message = f"RequestId: {request_id} Error: Runtime exited with error: {end}"
            return self._failure(PROCESS_ENDED, message)
        except CallRefused as error:
            self.end()
            return self._failure(RESPONSE_TOO_LARGE, f"The handler's answer has {error}.")

    def _rest(self) -> None:
        """Back to warm. Lambda freezes once the client asks for its next event."""
        if self._settings.freeze and self._process is not None:
            try:
                self._await_next()
            except (ProcessEnded, TimedOut):
                self.end()
                return
            self._process.freeze()
        self.state = State.IDLE

    def _await_next(self) -> None:
        self._conversation.await_next(time.monotonic() + self._config.timeout.total_seconds())

    def _failure(self, error_type: str, message: str) -> Answer:
        """What the function could not say itself: in the log, and as the answer."""
        self._settings.log(self._config.name, f"[ERROR] {error_type}: {message}")
        return Answer(payload=error_payload(error_type, message), error=error_type)
