"""python -m infra.chalice_project deploy --stage prod: run chalice on each function's folder.

Chalice packs a folder's app.py and its vendor/ alone, so for as long as it runs the shared
packages are lent to the folder: vendor/ is a folder of links into an artefact. They are not left
there, or every tool that walks the checkout would meet the packages three times more.
"""

import argparse
import json
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from infra.artefact.build import build
from infra.artefact.target import Target

FUNCTIONS = Path(__file__).parents[1] / "functions"
PROJECTS = ("schedule", "tick", "execute")
# Chalice adds its own runtime and the folder's app.py.
_NOT_LENT = ("chalice", "functions")

_CHALICE = "import sys; from chalice.cli import main; sys.exit(main())"


def main() -> int:
    parser = argparse.ArgumentParser(
        prog="python -m infra.chalice_project",
        description="Run a chalice command on each function; {name} in it is the function's name.",
    )
    parser.add_argument("--only", choices=PROJECTS, help="one of the functions")
    parser.add_argument("--out", type=Path, default=Path("build/chalice"))
    parser.add_argument("command", nargs=argparse.REMAINDER, help="deploy --stage prod, ...")
    options = parser.parse_args()
    names = [options.only] if options.only else PROJECTS
    artefact = build(options.out, _target(FUNCTIONS / names[0])).folder
    for name in names:
        words = [word.replace("{name}", name) for word in options.command]
        print(f"{name}: chalice {' '.join(words)}", flush=True)
        if failure := run_chalice(FUNCTIONS / name, artefact, words):
            return failure
    return 0


def run_chalice(project: Path, artefact: Path, words: Sequence[str]) -> int:
    """Run chalice in the folder of a function; its exit status."""
    with lent_packages(project, artefact):
        done = subprocess.run([sys.executable, "-c", _CHALICE, *words], cwd=project, check=False)
    return done.returncode


@contextmanager
def lent_packages(project: Path, artefact: Path) -> Iterator[None]:
    """For a while, give `project` a vendor/ with everything of the artefact that Chalice needs."""
    vendor = project / "vendor"
    vendor.mkdir()
    try:
        for entry in artefact.resolve().iterdir():
            if not entry.name.startswith(_NOT_LENT):
                (vendor / entry.name).symlink_to(entry)
        yield
    finally:
        shutil.rmtree(vendor)


def _target(project: Path) -> Target:
    """For the Python that runs chalice, since it deploys for that one; and as config.json says."""
    config = json.loads((project / ".chalice" / "config.json").read_text())
    return Target(
        python_version="{}.{}".format(*sys.version_info),
        architecture=config["lambda_architecture"],
    )


if __name__ == "__main__":
    sys.exit(main())
