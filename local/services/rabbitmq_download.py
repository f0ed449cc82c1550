"""RabbitMQ from Debian's or Ubuntu's own packages, downloaded and unpacked without root.

apt-get does the work, with the machine's own sources and keys, but with lists and packages in a
folder of ours: nothing is installed, no service is started, and dpkg's database is only read.
"""

import os
import pwd
import re
import shutil
import time
from collections.abc import Mapping
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

from local.services.binaries import search_path
from local.services.model import Command, Progress, ServiceError, Unavailable
from local.services.process import run
from local.services.process_table import find
from local.services.rabbitmq_installation import Installation
from local.services.watchdog import Watchdog

_PATIENCE = timedelta(seconds=90)
_SCRIPTS = "usr/lib/rabbitmq/bin"
_ERLANG = "usr/lib/erlang"

# Beside the options: no hooks of this machine, which may clean the system's own cache.
_APT_CONFIGURATION = """\
Dir::State "{folder}/state";
Dir::State::lists "{folder}/lists";
Dir::State::status "/var/lib/dpkg/status";
Dir::Cache "{folder}/cache";
Debug::NoLocking "true";
APT::Sandbox::User "{user}";
APT::Get::AllowUnauthenticated "false";
Acquire::AllowInsecureRepositories "false";
Acquire::Languages "none";
Acquire::Retries "1";
Acquire::http::Timeout "15";
#clear APT::Update;
#clear DPkg;
"""

# Debian writes its own folder into erl; this one finds itself, so the cache may be moved.
_ERL = """\
#!/bin/sh
ROOTDIR=$(cd "$(dirname "$0")/{up}" && pwd)
BINDIR=$ROOTDIR/{runtime}/bin
EMU=beam
PROGNAME=erl
export ROOTDIR BINDIR EMU PROGNAME
exec "$BINDIR/erlexec" "$@"
"""


def download_rabbitmq(
    cache: Path, *, environ: Mapping[str, str], watchdog: Watchdog, progress: Progress
) -> Installation:
    """RabbitMQ and Erlang in `cache`/rabbitmq: what is there, or else downloaded within 90 s.

    Raises Unavailable with the reason in words.
    """
    target = cache.resolve() / "rabbitmq"
    if " " in str(target):
        raise Unavailable(f"RabbitMQ's scripts do not run in {cache}: its path holds a space")
    if not target.exists():
        for tool in ("apt-get", "apt-cache", "dpkg-deb"):
            if not shutil.which(tool, path=search_path(environ)):
                raise Unavailable(f"there is no {tool} here, so its packages cannot be downloaded")
        progress(f"rabbitmq: downloading Debian's packages, about 35 MB, into {target}")
        try:
            _fetch(cache, target, environ, watchdog)
        except ServiceError as error:
            raise Unavailable(f"its packages cannot be downloaded: {error}") from error
    installed = Installation(
        scripts=(target / _SCRIPTS / "rabbitmq-server").resolve().parent,
        erlang=(target / _ERLANG / "bin").resolve(),
        origin="",
    )
    origin = f"Debian package rabbitmq-server {installed.version}, unpacked in {target}"
    return Installation(scripts=installed.scripts, erlang=installed.erlang, origin=origin)


def _fetch(cache: Path, target: Path, environ: Mapping[str, str], watchdog: Watchdog) -> None:
    _remove_abandoned(cache)
    # Under a name of this process first: a start that is killed, or a second one, does no harm.
    work = (cache / f"unfinished-{os.getpid()}").resolve()
    with ExitStack() as afterwards:
        afterwards.callback(shutil.rmtree, work)
        for folder in ("lists/partial", "cache/archives/partial", "state", "packages", "files"):
            (work / folder).mkdir(parents=True)
        _Apt(work, environ, watchdog).unpack_into(work / "files")
        _make_movable(work / "files" / _ERLANG)
        try:
            (work / "files").rename(target)
        except OSError:
            if not target.exists():  # else another start was faster
                raise


def _remove_abandoned(cache: Path) -> None:
    for folder in cache.glob("unfinished-*"):
        if not find(int(folder.name.rpartition("-")[2])):
            shutil.rmtree(folder)


class _Apt:
    """apt-get and dpkg-deb on a folder of ours, under one deadline."""

    def __init__(self, work: Path, environ: Mapping[str, str], watchdog: Watchdog) -> None:
        self._work = work
        self._environ = {**environ, "LC_ALL": "C", "DEBIAN_FRONTEND": "noninteractive"}
        self._watchdog = watchdog
        self._give_up = time.monotonic() + _PATIENCE.total_seconds()
        user = pwd.getpwuid(os.geteuid()).pw_name
        self._configuration = work / "apt.conf"
        self._configuration.write_text(_APT_CONFIGURATION.format(folder=work, user=user))

    def unpack_into(self, folder: Path) -> None:
        """Download RabbitMQ with the Erlang that it needs, and unpack all that."""
        self._apt("apt-get", "update")
        self._apt("apt-get", "download", *self._names())
        for package in sorted((self._work / "packages").glob("*.deb")):
            self._run("dpkg-deb", "--extract", str(package), str(folder), log="dpkg")

    def _names(self) -> list[str]:
        """rabbitmq-server and the packages of Erlang below it. The rest every system has."""
        without = ("recommends", "suggests", "conflicts", "breaks", "replaces", "enhances")
        options = [f"--no-{kind}" for kind in without]
        log = self._apt("apt-cache", "depends", "--recurse", *options, "rabbitmq-server")
        names = re.findall(
            r"^(?:erlang-[a-z0-9-]+|rabbitmq-server)$", log.read_text(), re.MULTILINE
        )
        # Old releases offer Erlang's runtime in two makes, of which one may be unpacked.
        return [name for name in names if not name.endswith("-hipe")]

    def _apt(self, tool: str, *words: str) -> Path:
        return self._run(tool, "-c", str(self._configuration), *words, log=words[0])

    def _run(self, *argv: str, log: str) -> Path:
        path = self._work / f"{log}.log"
        command = Command(
            argv=argv, environ=self._environ, folder=self._work / "packages", log=path
        )
        left = timedelta(seconds=max(0.0, self._give_up - time.monotonic()))
        run(command, self._watchdog, within=left)
        return path


def _make_movable(erlang: Path) -> None:
    (runtime,) = erlang.glob("erts-*")
    for path, up in ((erlang / "bin/erl", ".."), (runtime / "bin/erl", "../..")):
        path.write_text(_ERL.format(up=up, runtime=runtime.name))
