"""Zips whose bytes depend on the files alone."""

import zipfile
from pathlib import Path

OLDEST_DATE = (1980, 1, 1, 0, 0, 0)  # the first that a zip can say
MODE = 0o100644 << 16  # a regular file, readable by the user that Lambda runs as


def write_zip(folder: Path, archive: Path) -> None:
    """Pack the files of `folder`, in order of their names, without dates and owners."""
    with zipfile.ZipFile(archive, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as packed:
        for path in sorted(folder.rglob("*")):
            if path.is_file():
                entry = zipfile.ZipInfo(path.relative_to(folder).as_posix(), OLDEST_DATE)
                entry.external_attr = MODE
                entry.compress_type = zipfile.ZIP_DEFLATED
                packed.writestr(entry, path.read_bytes(), compresslevel=9)
