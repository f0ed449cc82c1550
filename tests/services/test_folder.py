"""A server's folder has one owner at a time, and remembers what clients rely on."""

import os
import signal
import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from stat import S_IMODE

import pytest

from local.services.folder import Folder
from local.services.model import ServiceError
from local.services.ports import HOST, is_free

from .processes import python

# A "server" that inherits the lock and lives on, though the process that started it is gone.
OWNER_OF_A_SERVER = """
import os, subprocess, sys
from pathlib import Path
from local.services.folder import Folder

folder = Folder(Path(sys.argv[1]))
server = subprocess.Popen(["sleep", "1000"], pass_fds=(folder.lock,), stdout=subprocess.DEVNULL)
print(server.pid, flush=True)
os._exit(0)
"""


def test_a_folder_in_use_is_refused_by_naming_the_process(tmp_path: Path) -> None:
    with (
        Folder(tmp_path / "redis-7"),
        pytest.raises(ServiceError, match=f"redis-7 is in use by process {os.getpid()}: "),
    ):
        Folder(tmp_path / "redis-7")


def test_a_folder_can_be_used_again_after_it_was_closed(tmp_path: Path) -> None:
    Folder(tmp_path).close()

    Folder(tmp_path).close()


def test_the_password_and_the_port_are_the_same_at_the_next_start(tmp_path: Path) -> None:
    with Folder(tmp_path) as folder:
        first = folder.password(), folder.port(None)

    with Folder(tmp_path) as folder:
        assert (folder.password(), folder.port(None)) == first
    assert S_IMODE((tmp_path / "kept.json").stat().st_mode) == 0o600


def test_two_folders_have_two_passwords(tmp_path: Path) -> None:
    with Folder(tmp_path / "a") as a, Folder(tmp_path / "b") as b:
        assert a.password() != b.password()


def test_a_port_that_was_taken_in_the_meantime_is_replaced_and_its_holder_named(
    tmp_path: Path,
) -> None:
    said: list[str] = []
    with Folder(tmp_path) as folder:
        last = folder.port(None)

    with Folder(tmp_path, progress=said.append) as folder, socket.create_server((HOST, last)):
        port = folder.port(None)

    assert port != last
    assert is_free(port)
    assert f"port {last} of the last run is held by pid {os.getpid()}" in said[0]


def test_a_wanted_port_that_is_taken_is_refused_by_naming_its_holder(tmp_path: Path) -> None:
    with Folder(tmp_path) as folder, socket.create_server((HOST, 0)) as listener:
        taken = listener.getsockname()[1]

        with pytest.raises(ServiceError, match=rf"port {taken}, .* held by pid {os.getpid()} "):
            folder.port(taken)


def test_a_folder_whose_owner_died_is_free_once_its_server_has_ended(tmp_path: Path) -> None:
    with python(OWNER_OF_A_SERVER, tmp_path) as owner:
        assert owner.stdout
        server = int(owner.stdout.readline())
    with ThreadPoolExecutor() as pool:
        taken = pool.submit(Folder, tmp_path)
        with pytest.raises(TimeoutError):
            taken.result(timeout=0.2)

        os.kill(server, signal.SIGKILL)

        taken.result(timeout=10).close()
