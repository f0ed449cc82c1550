"""The installed dependencies of an artefact: wheels of the pinned versions, and nothing else."""

import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from infra.artefact.target import Target

REQUIREMENTS = Path(__file__).parents[1] / "requirements.txt"

# Of an installed distribution's own notes, METADATA is read at run time (pg8000 and scramp ask
# for their version) and the licences must go where the code goes.
INSTALLER_NOTES = ("RECORD", "INSTALLER", "REQUESTED", "WHEEL", "top_level.txt", "entry_points.txt")

# Of the chalice distribution, what `chalice deploy` ships: the rest is the deploying tool.
CHALICE_RUNTIME = ("__init__.py", "app.py")


class InstallFailed(Exception):
    """pip could not install the pinned wheels; the text is pip's own."""


def install_dependencies(folder: Path, target: Target) -> None:
    """Install infra/requirements.txt into `folder` as `target` needs it. Raises InstallFailed."""
    platforms = [part for tag in target.platforms() for part in ("--platform", tag)]
    _pip(
        ["--require-hashes", "--requirement", str(REQUIREMENTS)],
        ["--target", str(folder), "--implementation", "cp"],
        ["--python-version", target.python_version, *platforms],
    )
    shutil.rmtree(folder / "bin", ignore_errors=True)
    _keep_only(folder / "chalice", CHALICE_RUNTIME)
    for note in folder.glob("*.dist-info/*"):
        if note.name in INSTALLER_NOTES:
            note.unlink()
    for stub in [*folder.rglob("*.pyi"), *folder.rglob("py.typed")]:
        stub.unlink()


def _pip(*arguments: Sequence[str]) -> None:
    # --no-deps: the file names every dependency; whatever it lacks is a mistake to be seen, not
    # to be filled in from an index without a hash.
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    command += ["--no-deps", "--no-compile", "--only-binary=:all:"]
    command += [part for group in arguments for part in group]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        raise InstallFailed(done.stderr.strip())


def _keep_only(folder: Path, names: Sequence[str]) -> None:
    for entry in folder.iterdir():
        if entry.name in names:
            continue
        if entry.is_dir():
            shutil.rmtree(entry)
        else:
            entry.unlink()
