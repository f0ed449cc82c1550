"""A function of an artefact as AWS Lambda would run it: the genuine runtime client, and nothing
on its import path but the task root, the runtime's own folder and the standard library."""

import json
import os
import signal
import socket
import subprocess
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from local.emulator.conversation import Conversation
from local.emulator.runtime_api import RuntimeApi
from tests.packaging.bare_python import Python

PATIENCE_SECONDS = 30.0
ARN = "arn:aws:lambda:us-east-1:000000000000:function:f"

# -I -S: no site-packages, no PYTHONPATH, no current folder. -B: Lambda's task root is read-only.
_PYTHON_FLAGS = ("-I", "-S", "-B")
_START = """
import runpy, sys
task_root, runtime, handler = sys.argv[1:]
sys.path = [task_root, *sys.path, runtime]
sys.argv = ["awslambdaric", handler]
runpy.run_module("awslambdaric", run_name="__main__", alter_sys=True)
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What a handler returned, or the errorType of what it raised; and how long it took."""

    payload: Any
    error: str | None
    took: timedelta


class LambdaProcess:
    """One warm environment. It starts when it is made; `start_took` until it asks for an event."""

    def __init__(
        self, python: Python, task_root: Path, handler: str, environment: Mapping[str, str]
    ) -> None:
        self._api = RuntimeApi()
        self._conversation = Conversation(self._api)
        self._lifeline, theirs = socket.socketpair()
        self._lifeline.settimeout(0)
        self._requests = 0
        self.log_file = task_root.parent / f"{handler}-{os.urandom(4).hex()}.log"
        began = time.monotonic()
        with theirs, self.log_file.open("wb") as log:
            self._process = subprocess.Popen(
                [
                    python.executable,
                    *_PYTHON_FLAGS,
                    "-c",
                    _START,
                    task_root,
                    python.runtime,
                    handler,
                ],
                cwd=task_root,
                env=self._environment(python, task_root, handler) | dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                pass_fds=[theirs.fileno()],
            )
        self._api.watch(self._lifeline)
        self.failed_start = self._conversation.await_next(began + PATIENCE_SECONDS)
        self.start_took = timedelta(seconds=time.monotonic() - began)

    def invoke(self, event: object, *, within: timedelta = timedelta(seconds=29)) -> Answer:
        """Give it one event, with a deadline `within` from now, and wait for the answer."""
        self._requests += 1
        deadline = time.time() + within.total_seconds()
        headers = {
            "Lambda-Runtime-Deadline-Ms": str(int(deadline * 1000)),
            "Lambda-Runtime-Invoked-Function-Arn": ARN,
        }
        began = time.monotonic()
        body = json.dumps(event).encode()
        self._conversation.deliver(body, request_id=f"request-{self._requests}", headers=headers)
        answer = self._conversation.await_answer(began + PATIENCE_SECONDS)
        took = timedelta(seconds=time.monotonic() - began)
        self._conversation.await_next(time.monotonic() + PATIENCE_SECONDS)
        return Answer(payload=json.loads(answer.payload), error=answer.error, took=took)

    def freeze(self) -> None:
        """What Lambda does between two events."""
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._process.send_signal(signal.SIGCONT)

    def log(self) -> str:
        return self.log_file.read_text(errors="replace")

    def end(self) -> None:
        with suppress(ProcessLookupError):
            self._process.kill()
        self._process.wait()
        self._api.close()
        self._lifeline.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.end()

    def _environment(self, python: Python, task_root: Path, handler: str) -> dict[str, str]:
        return {
            "AWS_ACCESS_KEY_ID": "test",
            "AWS_DEFAULT_REGION": "us-east-1",
            "AWS_EXECUTION_ENV": f"AWS_Lambda_python{python.version}",
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": "512",
            "AWS_LAMBDA_FUNCTION_NAME": "f",
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "AWS_LAMBDA_LOG_FORMAT": "JSON",
            "AWS_LAMBDA_LOG_GROUP_NAME": "/aws/lambda/f",
            "AWS_LAMBDA_LOG_STREAM_NAME": "stream",
            "AWS_LAMBDA_RUNTIME_API": self._api.address,
            "AWS_REGION": "us-east-1",
            "AWS_SECRET_ACCESS_KEY": "test",
            "LAMBDA_TASK_ROOT": str(task_root),
            "PATH": os.environ["PATH"],
            "_HANDLER": handler,
        }
