"""One build, from nothing to the folder and the zip."""

import hashlib
import shutil
from dataclasses import dataclass
from pathlib import Path

from infra.artefact.archive import write_zip
from infra.artefact.bytecode import add_bytecode, replace_by_bytecode
from infra.artefact.dependencies import install_dependencies
from infra.artefact.source import copy_own_files
from infra.artefact.target import Target

MOST_UNZIPPED_BYTES = 12_000_000  # a cold start reads it from the network


class TooLarge(Exception):
    """The artefact is above its limit."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Artefact:
    """What a build made."""

    folder: Path
    archive: Path
    files: int
    unzipped_bytes: int
    zipped_bytes: int
    sha256: str


def build(out: Path, target: Target, *, most_bytes: int = MOST_UNZIPPED_BYTES) -> Artefact:
    """Make `out`/lambda/ and `out`/lambda.zip anew. Raises InstallFailed, NoInterpreter, TooLarge.

    The folder is what infra/template.yaml (CodeUri), infra/Dockerfile and Chalice (vendor) take.
    """
    folder, archive = out / "lambda", out / "lambda.zip"
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    install_dependencies(folder, target)
    replace_by_bytecode(folder, target)
    copy_own_files(folder)
    add_bytecode(folder, target)
    write_zip(folder, archive)
    artefact = _measured(folder, archive)
    if artefact.unzipped_bytes > most_bytes:
        raise TooLarge(
            f"{folder} has {artefact.unzipped_bytes} bytes, above the limit of {most_bytes}: "
            "see what grew with `du -a --apparent-size`, or raise --most-bytes on purpose"
        )
    return artefact


def _measured(folder: Path, archive: Path) -> Artefact:
    sizes = [path.stat().st_size for path in folder.rglob("*") if path.is_file()]
    return Artefact(
        folder=folder,
        archive=archive,
        files=len(sizes),
        unzipped_bytes=sum(sizes),
        zipped_bytes=archive.stat().st_size,
        sha256=hashlib.sha256(archive.read_bytes()).hexdigest(),
    )
