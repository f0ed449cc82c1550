"""When the parent is gone, so are the processes that its watchdog guards."""

import os
import signal
from pathlib import Path

import pytest

from local.services.model import ServiceError
from local.services.process import Process
from local.services.watchdog import Watchdog
from tests.eventually import eventually

from .conftest import MakeCommand
from .processes import lives, python

PARENT = """
import os, signal, sys
from pathlib import Path
from local.services.model import Command
from local.services.process import Process
from local.services.process import Process
from local.services.watchdog import Watchdog

folder, copies = Path(sys.argv[1]), sys.argv[2]
watchdog = Watchdog()
command = Command(
    argv=("sleep", "1000"), environ=os.environ, folder=folder, log=folder / "log"
)
process = Process(command, watchdog)
copy = 0
if copies == "a forked copy":
    copy = os.fork()  # it holds every file descriptor of its parent
    if not copy:
        signal.pause()
print(process.pid, watchdog.pid, copy, flush=True)
signal.pause()
"""


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_a_parent_that_dies_by_a_signal_leaves_nothing_behind(
    number: signal.Signals, tmp_path: Path
) -> None:
    with python(PARENT, tmp_path, "no copy") as parent:
        assert parent.stdout
        pid, watchdog, _ = (int(word) for word in parent.stdout.readline().split())

        parent.send_signal(number)

        parent.wait()
        eventually(lambda: not lives(pid) and not lives(watchdog))


def test_a_copy_of_the_parent_that_lives_on_does_not_keep_the_servers_alive(
    tmp_path: Path,
) -> None:
    with python(PARENT, tmp_path, "a forked copy") as parent:
        assert parent.stdout
        pid, watchdog, copy = (int(word) for word in parent.stdout.readline().split())

        parent.kill()

        parent.wait()
        eventually(lambda: not lives(pid) and not lives(watchdog))
        assert lives(copy)
        os.kill(copy, signal.SIGKILL)


def test_closing_the_watchdog_ends_what_it_guards(python_command: MakeCommand) -> None:
    watchdog = Watchdog()
    process, row = watchdog.start(python_command(""))

    watchdog.close()

    assert not lives(row.pid)
    assert process.wait() == -signal.SIGTERM


def test_a_closed_watchdog_starts_nothing(python_command: MakeCommand) -> None:
    watchdog = Watchdog()
    watchdog.close()

    with pytest.raises(ServiceError, match="is not started: the services are ending"):
        watchdog.start(python_command(""))


def test_a_process_that_was_forgotten_is_left_alone(python_command: MakeCommand) -> None:
    watchdog = Watchdog()
    process, row = watchdog.start(python_command(""))
    watchdog.forget(row.pid)

    watchdog.close()

    assert lives(row.pid)
    process.kill()
    process.wait()


def test_a_server_can_be_ended_though_its_watchdog_was_killed(python_command: MakeCommand) -> None:
    watchdog = Watchdog()
    process = Process(python_command(""), watchdog)
    os.kill(watchdog.pid, signal.SIGKILL)
    eventually(lambda: not lives(watchdog.pid))

    assert process.end() == -signal.SIGTERM

    watchdog.close()
