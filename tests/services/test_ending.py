"""However a server resists, ending it leaves nothing of it."""

import os
import signal
from datetime import timedelta
from pathlib import Path

from local.services.ending import end
from local.services.process import Process
from local.services.process_table import find, rows_of_ps
from local.services.watchdog import Watchdog
from tests.eventually import eventually

from .conftest import MakeCommand
from .processes import lives, members_of

DEAF = "signal.signal(signal.SIGTERM, signal.SIG_IGN); print('deaf', flush=True)"
# As PostgreSQL's backends and RabbitMQ's helpers do, the child makes a session of its own.
WITH_A_CHILD = "import subprocess; subprocess.Popen(['sleep', '1000'], start_new_session=True)"


def test_a_process_that_ignores_the_signal_is_killed_after_the_grace(
    watchdog: Watchdog, python_command: MakeCommand
) -> None:
    command = python_command(DEAF)
    process = Process(command, watchdog)
    eventually(lambda: "deaf" in command.log.read_text())
    leader = find(process.pid)
    assert leader

    end({leader: signal.SIGTERM}, grace=timedelta(milliseconds=200))

    assert not process.runs
    assert process.end() == -signal.SIGKILL


def test_a_frozen_process_can_be_ended(watchdog: Watchdog, python_command: MakeCommand) -> None:
    process = Process(python_command(""), watchdog)
    process.send(signal.SIGSTOP)

    code = process.end()

    assert code == -signal.SIGTERM


def test_children_in_sessions_of_their_own_end_with_their_server(
    watchdog: Watchdog, python_command: MakeCommand
) -> None:
    process = Process(python_command(WITH_A_CHILD), watchdog)
    pids = eventually(lambda: [*members_of(process.pid)][1:] and members_of(process.pid))

    process.end()

    assert [pid for pid in pids if lives(pid)] == []


def test_sigkill_reaches_every_process_of_a_server(
    watchdog: Watchdog, python_command: MakeCommand
) -> None:
    process = Process(python_command(WITH_A_CHILD), watchdog)
    pids = eventually(lambda: [*members_of(process.pid)][1:] and members_of(process.pid))

    process.send(signal.SIGKILL)

    assert [pid for pid in pids if lives(pid)] == []
    assert process.end() == -signal.SIGKILL


def test_ps_shows_the_same_process_as_the_proc_file_system() -> None:
    here = find(os.getpid())

    (shown,) = rows_of_ps("-p", str(os.getpid()))

    assert here
    assert (shown.pid, shown.parent, shown.group, shown.zombie) == (
        here.pid,
        here.parent,
        here.group,
        False,
    )


def test_the_log_holds_what_the_process_says(
    watchdog: Watchdog, python_command: MakeCommand, tmp_path: Path
) -> None:
    process = Process(python_command("print('hello', flush=True)"), watchdog)

    eventually(lambda: "hello" in (tmp_path / "log").read_text())

    process.end()
