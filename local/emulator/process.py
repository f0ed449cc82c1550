"""The operating system process of one environment: how it starts, how it is stopped."""

import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path

from local.emulator.functions import REGION, FunctionConfig

PROJECT_ROOT = Path(__file__).parents[2]

# All that a function gets of the developer's own environment: a setting that the template
# forgets must be missing here too, not be found by luck.
INHERITED = ("PATH", "HOME", "LANG", "TMPDIR", "LD_LIBRARY_PATH")

LAST_LINES_SECONDS = 1.0

LogSink = Callable[[str, str], None]  # function name, one line; called from several threads


class Process:
    """A running runtime client, in a process group of its own.

    Its own group, so that killing takes the handler's children along and Ctrl-C does not reach
    them. The session stays the harness's: when the harness dies, the system wakes and ends the
    stopped (frozen) members of groups that it leaves orphaned (POSIX, "Terminal access control"
    and _exit); running ones end by their lifeline.
    """

    def __init__(self, config: FunctionConfig, environment: Mapping[str, str], log: LogSink):
        self._name = config.name
        self._log = log
        self._lock = threading.Lock()
        self._reaped = False
        self.lifeline, theirs = socket.socketpair()
        self.lifeline.settimeout(0)  # never waits
        with theirs:
            self._popen = subprocess.Popen(
                _command(theirs.fileno(), config.handler),
                cwd=config.folder,
                env=dict(environment),
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                pass_fds=[theirs.fileno()],
                process_group=0,
            )
        self._reader = threading.Thread(target=self._pass_on_lines, name="log", daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        return self._popen.pid

    def is_alive(self) -> bool:
        try:
            return self.lifeline.recv(1) != b""
        except BlockingIOError:
            return True
        except OSError:  # reaped, and the lifeline closed
            return False

    def freeze(self) -> None:
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        self._signal(signal.SIGCONT)

    def kill(self) -> None:
        """End the process and its children at once. From any thread, any number of times."""
        self._signal(signal.SIGKILL)

    def reap(self) -> str:
        """Kill, wait for the end and for its last log line; how it ended, in Lambda's words."""
        self.kill()
        with self._lock:
            code = self._popen.wait()
            self._reaped = True
        # Bounded: a child that left the group may hold the log's pipe open for ever.
        self._reader.join(timeout=LAST_LINES_SECONDS)
        self.lifeline.close()
        return f"exit status {code}" if code >= 0 else f"signal: {_signal_word(-code)}"

    def _signal(self, number: signal.Signals) -> None:
        with self._lock, suppress(ProcessLookupError):
            if not self._reaped:  # after that, the number may belong to someone else
                os.killpg(self._popen.pid, number)

    def _pass_on_lines(self) -> None:
        assert self._popen.stdout is not None  # noqa: S101 - it was asked for
        with self._popen.stdout as output:
            for line in output:
                # The client separates a traceback's lines by CR and indents them by NO-BREAK
                # SPACE, so that CloudWatch keeps them as one event. A terminal wants neither.
                for part in line.decode(errors="replace").rstrip("\n").split("\r"):
                    self._log(self._name, part.replace("\u00a0", " "))


def environment_of(
    config: FunctionConfig, *, runtime_api: str, invoke_url: str, stream: str
) -> dict[str, str]:
    """The variables that Lambda sets ("Defined runtime environment variables"), and the function's.

    Credentials are there, as on Lambda, but open nothing; boto3's `lambda` client is pointed at
    this platform.
    """
    inherited = {name: os.environ[name] for name in INHERITED if name in os.environ}
    defined = {
        "AWS_ACCESS_KEY_ID": "local",
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ENDPOINT_URL_LAMBDA": invoke_url,
        "AWS_EXECUTION_ENV": "AWS_Lambda_python{}.{}".format(*sys.version_info),
        "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(config.memory_mb),
        "AWS_LAMBDA_FUNCTION_NAME": config.name,
        "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
        "AWS_LAMBDA_INITIALIZATION_TYPE": "on-demand",
        "AWS_LAMBDA_LOG_GROUP_NAME": f"/aws/lambda/{config.name}",
        "AWS_LAMBDA_LOG_STREAM_NAME": stream,
        "AWS_LAMBDA_RUNTIME_API": runtime_api,
        "AWS_REGION": REGION,
        "AWS_SECRET_ACCESS_KEY": "local",
        "AWS_SESSION_TOKEN": "local",
        "LAMBDA_TASK_ROOT": str(config.folder),
        "TZ": ":UTC",
        "_HANDLER": config.handler,
    }
    roots = [config.environment.get("PYTHONPATH"), str(PROJECT_ROOT)]
    python_path = {"PYTHONPATH": os.pathsep.join(root for root in roots if root)}
    return inherited | defined | dict(config.environment) | python_path


def _command(lifeline: int, handler: str) -> list[str]:
    return [sys.executable, "-m", "local.emulator.bootstrap", str(lifeline), handler]


def _signal_word(number: int) -> str:
    # Go's words, because Lambda's sandbox is written in it: "signal: killed".
    return (signal.strsignal(number) or str(number)).lower()
