"""python -m infra.pin: write the requirements files of this folder from pyproject.toml.

They pin every version and every file's hash, and say nothing of where the files come from.
Chalice is added without its own dependencies: the functions import two of its files, and those
need the standard library alone.
"""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / "infra"
HEADER = "# {what}, with every file's hash. Made by `make requirements`; do not edit.\n"

EXTRAS = ("rrule",)  # rules written as RRULE need python-dateutil
# Beside the artefact in infra/Dockerfile's image: Lambda's client, what Lambda's own Python has,
# and what the platform of local/ and the command line import.
IMAGE = ("awslambdaric", "botocore", "aiosmtpd", "click", "httptools")


def main() -> None:
    artefact = _compiled(str(ROOT / "pyproject.toml"), *(f"--extra={extra}" for extra in EXTRAS))
    artefact |= {"chalice": _compiled("chalice")["chalice"]}
    _write("requirements.txt", "What the functions import (install with --no-deps)", artefact)
    image = _compiled("\n".join(IMAGE))
    beside = {name: entry for name, entry in image.items() if name not in artefact}
    _write("image-requirements.txt", "What the image has beside the artefact", beside)


def _write(name: str, what: str, entries: dict[str, str]) -> None:
    text = HEADER.format(what=what) + "".join(entries[entry] for entry in sorted(entries))
    (FOLDER / name).write_text(text)


def _compiled(source: str, *options: str) -> dict[str, str]:
    """What pip-compile makes of a pyproject.toml, or of names of distributions, one a line:
    each requirement with its hash lines, by name."""
    with tempfile.TemporaryDirectory() as folder:
        if not source.endswith(".toml"):
            wanted = Path(folder, "wanted.in")
            wanted.write_text(source + "\n")
            source = str(wanted)
        made = Path(folder, "requirements.txt")
        command = [sys.executable, "-m", "piptools", "compile", "--quiet", "--generate-hashes"]
        command += ["--no-header", "--no-annotate", "--strip-extras", "--allow-unsafe"]
        command += ["--no-emit-index-url", "--no-emit-find-links", "--no-emit-trusted-host"]
        subprocess.run([*command, *options, "--output-file", str(made), source], check=True)
        entry = r"^(([A-Za-z0-9._-]+)==.*\n(?:    --hash=.*\n?)+)"
        return {name: text for text, name in re.findall(entry, made.read_text(), re.MULTILINE)}


if __name__ == "__main__":
    main()
