"""A RabbitMQ installation: found on the machine, or one that was unpacked without root.

DUELINE_SERVERS (binaries.py) means here: `auto` the machine's own, else the unpacked packages;
`system` only the machine's own; `wheels` only the unpacked packages, for there is no wheel.
"""

import re
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from local.services.binaries import HOMEBREW, Source, search_path
from local.services.model import Unavailable

VARIABLE = "DUELINE_WORK_QUEUE_URL"
_FOLDERS = ("/usr/lib/rabbitmq/bin", *(f"{brew}/rabbitmq/sbin" for brew in HOMEBREW))


@dataclass(frozen=True, slots=True, kw_only=True)
class Installation:
    """RabbitMQ and the Erlang that it runs on."""

    scripts: Path  # the real folder of rabbitmq-server and rabbitmqctl
    erlang: Path  # the folder of erl and epmd
    origin: str  # in words

    @property
    def home(self) -> Path:
        """The folder that holds `plugins`, where all of RabbitMQ's own code is, too."""
        return self.scripts.parent

    @property
    def version(self) -> str:
        """Read from the name of the broker's own application, plugins/rabbit-3.10.8."""
        for path in (self.home / "plugins").glob("rabbit-[0-9]*"):
            return path.name.removesuffix(".ez").removeprefix("rabbit-")
        return "unknown"

    @property
    def minor(self) -> str:
        """Major and minor version: one does not read the files of another."""
        match = re.match(r"\d+\.\d+", self.version)
        return match[0] if match else self.version


def find_on_machine(environ: Mapping[str, str]) -> Installation:
    """The machine's own. Raises Unavailable when there is none, or DUELINE_SERVERS=wheels."""
    if Source.chosen(environ) is Source.WHEELS:
        raise Unavailable("the machine's own RabbitMQ is not wanted")
    path = search_path(environ)
    erl = shutil.which("erl", path=path)
    for scripts in _script_folders(path):
        server = (scripts / "rabbitmq-server").resolve()
        # Beside the wrapper in Debian's and Fedora's /usr/sbin, which insists on being root and
        # on /var/lib/rabbitmq, there is no rabbitmq-env: it is passed over.
        if erl and server.exists() and server.with_name("rabbitmq-env").exists():
            return Installation(
                scripts=server.parent,
                erlang=Path(erl).parent,
                origin=f"{scripts / 'rabbitmq-server'}, private instance",
            )
    raise Unavailable("there is no rabbitmq-server with Erlang on this machine")


def _script_folders(path: str) -> Iterator[Path]:
    on_path = shutil.which("rabbitmq-server", path=path)
    if on_path:
        yield Path(on_path).resolve().parent
    yield from (Path(folder) for folder in _FOLDERS)
