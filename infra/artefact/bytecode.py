"""Compiled modules for an artefact.

Lambda's task folder is read-only, so a module that comes without its bytecode is compiled again
at every cold start: three to four times the time to import everything.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from infra.artefact.target import Target

TASK_ROOT = "/var/task"  # where Lambda unpacks the artefact: what tracebacks are to say

# Unchecked: the interpreter does not compare a source's date or hash with the bytecode's, which
# costs a read of every file, and which a zip's fixed dates would defeat.
_COMPILE = """
import compileall, sys
from py_compile import PycInvalidationMode
folder, root, beside = sys.argv[1:]
done = compileall.compile_dir(
    folder, maxlevels=99, ddir=root, quiet=1, force=True, legacy=beside == "True",
    invalidation_mode=PycInvalidationMode.UNCHECKED_HASH)
sys.exit(not done)
"""


class NoInterpreter(Exception):
    """No Python of the artefact's version is on this machine."""


def add_bytecode(folder: Path, target: Target) -> None:
    """Put the bytecode of every module into __pycache__ beside it. Raises NoInterpreter."""
    _compile(folder, target, beside=False)


def replace_by_bytecode(folder: Path, target: Target) -> None:
    """Leave the bytecode of every module in the place of its source. Raises NoInterpreter.

    For code that is not ours: it halves its size, and a traceback still has file and line, though
    not the line's text.
    """
    _compile(folder, target, beside=True)
    for source in folder.rglob("*.py"):
        source.unlink()


def _compile(folder: Path, target: Target, *, beside: bool) -> None:
    subprocess.run(
        [interpreter(target.python_version), "-c", _COMPILE, str(folder), TASK_ROOT, str(beside)],
        # A fixed hash seed: constant sets are written in the order of their hashes.
        env={"PATH": os.environ["PATH"], "PYTHONHASHSEED": "0"},
        check=True,
    )


def interpreter(version: str) -> str:
    """A working interpreter of that minor version: bytecode is read by its own version alone."""
    for candidate in _candidates(version):
        if _version_of(candidate) == version:
            return candidate
    raise NoInterpreter(
        f"no Python {version} here to compile for it. Install it (python{version} on the PATH), "
        f"or build for the one that is here: make build PYTHON_VERSION={_own_version()}"
    )


def _candidates(version: str) -> Iterator[str]:
    yield sys.executable
    if on_path := shutil.which(f"python{version}"):
        yield on_path
    # pyenv's python3.13 on the PATH refuses to run unless it was chosen with `pyenv global`.
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv"))
    yield from map(str, sorted(pyenv.glob(f"versions/{version}.*/bin/python")))


def _version_of(python: str) -> str:
    asked = subprocess.run(
        [python, "-c", "import sys; print('{}.{}'.format(*sys.version_info))"],
        capture_output=True,
        text=True,
        check=False,
    )
    return asked.stdout.strip()


def _own_version() -> str:
    return "{}.{}".format(*sys.version_info)
