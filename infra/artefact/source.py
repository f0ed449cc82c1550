"""The project's own part of an artefact: which files of the checkout go in."""

import shutil
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]

# Whole packages, by what they may hold. A file of any other kind in them stays behind, so a
# forgotten .env, dump or key next to a handler is not shipped by accident.
PACKAGES = ("dueline", "functions", "handlers")
SUFFIXES = (".py", ".sql", ".lua")

FILES = ("schema.sql", "LICENSE")

# CA certificates that are not in the operating system's store, such as Amazon RDS's own.
CERTIFICATES = "infra/certificates"


def own_files(root: Path = ROOT) -> Iterator[Path]:
    """What goes in, relative to `root`, in a fixed order."""
    for package in PACKAGES:
        for path in sorted((root / package).rglob("*")):
            if path.suffix in SUFFIXES and path.is_file():
                yield path.relative_to(root)
    yield from (Path(name) for name in FILES)
    yield from sorted(path.relative_to(root) for path in (root / CERTIFICATES).glob("*.pem"))


def copy_own_files(folder: Path, root: Path = ROOT) -> None:
    """Copy them into `folder`, at the same places; certificates to certificates/."""
    for path in own_files(root):
        place = folder / (path.relative_to("infra") if path.suffix == ".pem" else path)
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(root / path, place)
