"""The user to run PostgreSQL as when we are root, which PostgreSQL refuses to run as."""

import os
import pwd
import subprocess
from pathlib import Path

from local.services.model import Account, ServiceError

_CANDIDATES = ("postgres", "nobody")


def unprivileged_account() -> Account | None:
    """None when we are not root: servers then run as we do."""
    if os.geteuid() != 0:
        return None
    for name in _CANDIDATES:
        try:
            entry = pwd.getpwnam(name)
        except KeyError:
            continue
        return Account(name=name, uid=entry.pw_uid, gid=entry.pw_gid)
    raise ServiceError(
        "PostgreSQL refuses to run as root, and this machine has neither a user postgres nor "
        "nobody to run it as: add one, or do not start as root"
    )


def can_use(account: Account, path: Path) -> bool:
    """Whether the user may execute this file, or enter this folder, through all its parents."""
    # Asked of the system itself, in the user's place: modes, groups and access lists all count.
    answer = subprocess.run(
        ["test", "-x", str(path)],
        user=account.uid,
        group=account.gid,
        extra_groups=[],
        check=False,
    )
    return answer.returncode == 0
