"""python -m infra.artefact: build it, and say what came out."""

import argparse
import sys
from pathlib import Path

from infra.artefact.build import MOST_UNZIPPED_BYTES, TooLarge, build
from infra.artefact.bytecode import NoInterpreter
from infra.artefact.dependencies import InstallFailed
from infra.artefact.target import (
    DEFAULT_ARCHITECTURE,
    DEFAULT_PYTHON_VERSION,
    MACHINES,
    PYTHON_VERSIONS,
    Target,
)


def main() -> str | None:
    """Returns the message of a failed build."""
    options = _options().parse_args()
    target = Target(python_version=options.python, architecture=options.architecture)
    try:
        made = build(options.out, target, most_bytes=options.most_bytes)
    except (InstallFailed, NoInterpreter, TooLarge) as failure:
        return f"build failed: {failure}"
    print(f"for Python {target.python_version} on {target.architecture}")
    print(f"  {made.folder}/  {made.files} files, {made.unzipped_bytes / 1e6:.1f} MB")
    print(f"  {made.archive}  {made.zipped_bytes / 1e6:.1f} MB, SHA-256 {made.sha256}")
    return None


def _options() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m infra.artefact", description=__doc__)
    parser.add_argument("--python", choices=PYTHON_VERSIONS, default=DEFAULT_PYTHON_VERSION)
    parser.add_argument("--architecture", choices=MACHINES, default=DEFAULT_ARCHITECTURE)
    parser.add_argument("--out", type=Path, default=Path("build"))
    parser.add_argument("--most-bytes", type=int, default=MOST_UNZIPPED_BYTES)
    return parser


if __name__ == "__main__":
    sys.exit(main())
