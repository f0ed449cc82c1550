"""An interpreter with what AWS Lambda has beside it, and nothing of this checkout's environment."""

import importlib.metadata
import os
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from infra.artefact.bytecode import interpreter
from infra.artefact.target import MACHINES, Target

_CLIENT = ("awslambdaric", "simplejson", "snapshot-restore-py")

# In Lambda's Python beside the client; of pure Python, so that any version may share them.
_BESIDE_IT = ("botocore", "jmespath")


@dataclass(frozen=True, slots=True, kw_only=True)
class Python:
    """An interpreter, and the folder that is /var/runtime on Lambda."""

    executable: str
    version: str
    runtime: Path


def bare_python(target: Target, runtime: Path) -> Python:
    """The interpreter for an artefact of `target`. `runtime` is an empty folder to fill."""
    pinned = [f"{name}=={importlib.metadata.version(name)}" for name in _CLIENT]
    install_wheels(target, runtime, *pinned)
    for name in _BESIDE_IT:
        location = importlib.metadata.distribution(name).locate_file(name)
        (runtime / name).symlink_to(str(location))
    version = target.python_version
    return Python(executable=interpreter(version), version=version, runtime=runtime)


def install_wheels(target: Target, folder: Path, *what: str) -> None:
    """Let pip put wheels for `target` into `folder`, without their dependencies."""
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    command += ["--no-deps", "--only-binary=:all:", "--implementation", "cp"]
    command += ["--python-version", target.python_version, "--target", str(folder)]
    command += [part for tag in target.platforms() for part in ("--platform", tag)]
    subprocess.run([*command, *what], check=True)


def own_version() -> str:
    """The version of the Python that runs the tests."""
    return "{}.{}".format(*sys.version_info)


def own_architecture() -> str:
    """Lambda's name of this machine's processor."""
    machine = os.uname().machine
    return next(ours for ours, theirs in MACHINES.items() if theirs == machine)
