"""One process of ours: start it, wait until it is ready, signal it, end it."""

import os
import signal
import time
from datetime import timedelta
from pathlib import Path

from local.services import ending
from local.services.model import Command, Launch, NotReady, ServiceError, Unavailable
from local.services.process_table import is_alive, members
from local.services.watchdog import Watchdog

_POLL_SECONDS = 0.02
_TAIL_LINES = 15


class EndedEarly(Unavailable):
    """The server's process ended before it was ready."""


class Process:
    """A guarded process in a session of its own.

    It is reaped by end() alone, after all that belongs to it is gone: until then the system
    cannot give its id to another process, so no signal can reach a stranger.
    """

    def __init__(self, command: Command, watchdog: Watchdog) -> None:
        self._command = command
        self._watchdog = watchdog
        self._popen, self._leader = watchdog.start(command)
        self._ended = False

    @property
    def pid(self) -> int:
        """Of the process that leads it, and of its session."""
        return self._leader.pid

    @property
    def runs(self) -> bool:
        """Whether the leading process still lives."""
        return not self._ended and is_alive(self._leader)

    def send(self, number: signal.Signals) -> None:
        """Signal every process that belongs to it. After SIGKILL none of them lives on return."""
        if self._ended:
            return
        rows = members(self._leader)
        if number is signal.SIGKILL:
            ending.kill(rows)
        else:
            ending.send(number, rows)

    def end(self) -> int:
        """Ask it to stop, kill what is left after the grace; its exit code.

        Nothing of it runs on return. The code is minus the signal's number if a signal ended it.
        """
        if not self._ended:
            ending.end({self._leader: self._command.stop_signal})
            self._ended = True
            self._popen.wait()
            self._watchdog.forget(self.pid)
        return self._popen.returncode


def run(command: Command, watchdog: Watchdog, *, within: timedelta) -> None:
    """Run a command to its end. Raises ServiceError with the log's tail when it fails."""
    process = Process(command, watchdog)
    give_up = time.monotonic() + within.total_seconds()
    try:
        while process.runs and time.monotonic() < give_up:
            time.sleep(_POLL_SECONDS)
        late = process.runs
    finally:
        code = process.end()
    if late:
        raise ServiceError(f"{command.argv[0]} took over {within.total_seconds():.0f} s")
    if code != 0:
        raise ServiceError(f"{command.argv[0]} failed with exit code {code}{tail(command.log)}")


def wait_until_ready(process: Process, launch: Launch) -> str:
    """Log in until it works; the server's version.

    Raises EndedEarly when the process ends before, Unavailable when `patience` is over. Both
    show the log's last lines.
    """
    subject = f"{launch.name} ({launch.origin})"
    give_up = time.monotonic() + launch.patience.total_seconds()
    while True:
        try:
            return launch.login()
        except NotReady as error:
            reason = str(error)
        if not process.runs:
            code = process.end()
            raise EndedEarly(f"{subject} ended, exit code {code}{tail(launch.command.log)}")
        if time.monotonic() > give_up:
            seconds = launch.patience.total_seconds()
            raise Unavailable(
                f"{subject} is not ready after {seconds:.0f} s: {reason}{tail(launch.command.log)}"
            )
        # Polled on this side: no server can be asked to call back when it is ready.
        time.sleep(_POLL_SECONDS)


def tail(log: Path) -> str:
    """The end of a log as the end of an error message."""
    lines = log.read_text(errors="replace").splitlines()[-_TAIL_LINES:]
    shown = "".join(f"{os.linesep}  {line}" for line in lines)
    return f". The end of {log}:{shown}" if lines else f". {log} is empty"
