"""A PostgreSQL data folder that initdb has made, and what to run on it."""

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from local.services.account import unprivileged_account
from local.services.binaries import Binary
from local.services.folder import Folder, write_secret
from local.services.model import Account, Command, Progress
from local.services.postgres_place import home_of_cluster, reachable_programs
from local.services.process import run
from local.services.watchdog import Watchdog

USER = "dueline"
_INITDB_PATIENCE = timedelta(seconds=60)


@dataclass(frozen=True, slots=True, kw_only=True)
class Cluster:
    """A data folder, the folder of the programs, and the user to run them as (None: ourselves)."""

    path: Path
    programs: Path
    account: Account | None


def prepare_cluster(
    binary: Binary,
    folder: Folder,
    *,
    environ: Mapping[str, str],
    watchdog: Watchdog,
    progress: Progress,
) -> Cluster:
    """Make what is missing. A start that was killed half-way leaves nothing that is taken as whole.

    Raises ServiceError if the server's user cannot reach the programs.
    """
    account = unprivileged_account()
    programs = reachable_programs(binary, account, progress)
    home = home_of_cluster(folder.path, account, progress)
    cluster = Cluster(path=home / "cluster", programs=programs, account=account)
    if not cluster.path.exists():
        progress(f"postgres: initdb in {cluster.path}")
        _initialise(cluster, folder, environ, watchdog)
    return cluster


def _initialise(
    cluster: Cluster, folder: Folder, environ: Mapping[str, str], watchdog: Watchdog
) -> None:
    new, password = cluster.path.with_suffix(".new"), cluster.path.with_suffix(".password")
    if new.exists():
        shutil.rmtree(new)  # of a start that did not come to its end
    new.mkdir(mode=0o700)
    write_secret(password, folder.password())
    if cluster.account:
        for path in (new, password):
            os.chown(path, cluster.account.uid, cluster.account.gid)
    options = (
        f"--pgdata={new}",
        f"--username={USER}",
        f"--pwfile={password}",
        "--auth=scram-sha-256",
        "--encoding=UTF8",
        "--locale=C",
        "--data-checksums",
    )
    command = Command(
        argv=(str(cluster.programs / "initdb"), *options),
        environ=environ,
        folder=new,
        log=folder.log,
        account=cluster.account,
        keeps_open=(folder.lock,),
    )
    try:
        run(command, watchdog, within=_INITDB_PATIENCE)
    finally:
        password.unlink()
    new.rename(cluster.path)
