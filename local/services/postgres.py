"""A PostgreSQL server: adopted, or a private instance."""

import signal
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

from local.services.binaries import POSTGRES, Binary, find_binary
from local.services.folder import Folder
from local.services.model import NO_SETTINGS, Command, Launch, Progress, quiet
from local.services.ports import HOST
from local.services.postgres_cluster import USER, Cluster, prepare_cluster
from local.services.postgres_login import login, login_or_create
from local.services.server import PrivateServer, Server, adopt, start_private
from local.services.watchdog import Watchdog

_NAME = "postgres"
_DATABASE = "dueline"
_PATIENCE = timedelta(seconds=30)  # recovery after a crash included
_SETTINGS = {
    "listen_addresses": HOST,
    "unix_socket_directories": "",  # one way in, and no file outside the data folder
    "max_connections": "100",
    "fsync": "on",
    "synchronous_commit": "on",
    # With the server's defaults (128 MB, 1 GB) a burst of 600,000 tasks met three checkpoints, and
    # after each of them whole pages are logged anew. Neither takes room before it is used.
    "shared_buffers": "1GB",
    "max_wal_size": "4GB",
    "timezone": "UTC",
    "log_timezone": "UTC",
}


def start_postgres(
    data: Path,
    *,
    environ: Mapping[str, str],
    watchdog: Watchdog | None = None,
    port: int | None = None,
    settings: Mapping[str, str] = NO_SETTINGS,
    progress: Progress = quiet,
) -> Server:
    """A PostgreSQL that takes logins: that of DUELINE_POSTGRES_URL, or a private one under `data`.

    A private one has a superuser and a database named dueline. `settings` are parameters of
    postgresql.conf that win over ours. Without a `watchdog` the server gets one of its own.
    Raises ServiceError, Unavailable when there is no program to run.
    """
    if url := environ.get(POSTGRES.variable):
        return adopt(_NAME, url, POSTGRES.variable, login, progress)
    binary = find_binary(POSTGRES, environ)
    environ = {name: value for name, value in environ.items() if not name.startswith("PG")}
    with ExitStack() as resources:
        guard = watchdog or resources.enter_context(Watchdog())
        folder = resources.enter_context(_folder(data, binary, progress))
        cluster = prepare_cluster(
            binary, folder, environ=environ, watchdog=guard, progress=progress
        )
        server = start_private(
            PrivateServer,
            _plan(cluster, folder, binary.origin, settings, environ),
            folder=folder,
            watchdog=guard,
            port=port,
            progress=progress,
        )
        server.hold(resources.pop_all())
        return server


def _folder(data: Path, binary: Binary, progress: Progress) -> Folder:
    """A folder for each major version: one version cannot read the files of another."""
    folder = Folder(data / f"postgres-{binary.major}", progress=progress)
    others = [path.name for path in data.glob("postgres-*") if path != folder.path]
    if others and not (folder.path / "kept.json").exists():
        progress(
            f"postgres: {binary.major} starts with an empty database; what "
            f"{', '.join(sorted(others))} holds stays there, for a server of that version"
        )
    return folder


def _plan(
    cluster: Cluster,
    folder: Folder,
    origin: str,
    settings: Mapping[str, str],
    environ: Mapping[str, str],
) -> Callable[[int], Launch]:
    def plan(port: int) -> Launch:
        url = f"postgresql://{USER}:{folder.password()}@{HOST}:{port}/{_DATABASE}"
        return Launch(
            name=_NAME,
            origin=origin,
            url=url,
            command=_command(cluster, folder, port, settings, environ),
            ports=(port,),
            login=lambda: login_or_create(url),
            patience=_PATIENCE,
        )

    return plan


def _command(
    cluster: Cluster,
    folder: Folder,
    port: int,
    settings: Mapping[str, str],
    environ: Mapping[str, str],
) -> Command:
    chosen = _SETTINGS | {"port": str(port)} | dict(settings)
    options = [word for name, value in chosen.items() for word in ("-c", f"{name}={value}")]
    return Command(
        argv=(str(cluster.programs / "postgres"), "-D", str(cluster.path), *options),
        environ=environ,
        folder=cluster.path,
        log=folder.log,
        # "Fast shutdown": SIGTERM would wait for the clients to leave.
        stop_signal=signal.SIGINT,
        account=cluster.account,
        keeps_open=(folder.lock,),
    )
