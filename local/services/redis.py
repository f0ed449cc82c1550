"""A Redis server: adopted, or a private redis-server or valkey-server."""

from collections.abc import Mapping
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path

from local.services.binaries import REDIS, Binary, find_binary
from local.services.folder import Folder, write_secret
from local.services.model import (
    NO_SETTINGS,
    Command,
    Launch,
    NotReady,
    Progress,
    quiet,
)
from local.services.ports import HOST
from local.services.server import PrivateServer, Server, adopt, start_private
from local.services.watchdog import Watchdog

_NAME = "redis"
_PATIENCE = timedelta(seconds=20)
_LOGIN_SECONDS = 3


def start_redis(
    data: Path,
    *,
    environ: Mapping[str, str],
    watchdog: Watchdog | None = None,
    port: int | None = None,
    settings: Mapping[str, str] = NO_SETTINGS,
    progress: Progress = quiet,
) -> Server:
    """A Redis that takes logins: the one of DUELINE_REDIS_URL, or a private one under `data`.

    `settings` are directives of redis.conf that win over ours. Without a `watchdog` the server
    gets one of its own. Raises ServiceError, Unavailable when there is no program to run.
    """
    if url := environ.get(REDIS.variable):
        return adopt(_NAME, url, REDIS.variable, _login, progress)
    binary = find_binary(REDIS, environ)
    with ExitStack() as resources:
        guard = watchdog or resources.enter_context(Watchdog())
        # A folder for each flavour and major version: they do not read each other's files.
        path = data / f"{binary.flavour}-{binary.major}"
        folder = resources.enter_context(Folder(path, progress=progress))

        def plan(port: int) -> Launch:
            return _launch(binary, folder, port, settings, environ)

        server = start_private(
            PrivateServer, plan, folder=folder, watchdog=guard, port=port, progress=progress
        )
        server.hold(resources.pop_all())
        return server


def _launch(
    binary: Binary,
    folder: Folder,
    port: int,
    settings: Mapping[str, str],
    environ: Mapping[str, str],
) -> Launch:
    url = f"redis://:{folder.password()}@{HOST}:{port}/0"
    configuration = folder.path / "redis.conf"
    directives = {
        "bind": HOST,
        "port": str(port),
        "requirepass": folder.password(),
        "dir": f'"{folder.path.resolve()}"',
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": '""',  # the append-only file is enough
        "maxmemory-policy": "noeviction",
    }
    # In a file and not in the arguments, which every user of the machine can read.
    write_secret(
        configuration,
        "".join(f"{name} {value}\n" for name, value in (directives | dict(settings)).items()),
    )
    return Launch(
        name=_NAME,
        origin=binary.origin,
        url=url,
        command=Command(
            argv=(str(binary.path), str(configuration)),
            environ=environ,
            folder=folder.path,
            log=folder.log,
            keeps_open=(folder.lock,),
        ),
        ports=(port,),
        login=lambda: _login(url),
        patience=_PATIENCE,
    )


def _login(url: str) -> str:
    # Imported here: a program that only asks for another server does not load this driver.
    import redis

    client = redis.Redis.from_url(
        url, socket_timeout=_LOGIN_SECONDS, socket_connect_timeout=_LOGIN_SECONDS
    )
    try:
        info = client.info("server")
    except (redis.RedisError, OSError, ValueError) as error:
        raise NotReady(str(error)) from error
    finally:
        client.close()
    if "valkey_version" in info:
        return f"Valkey {info['valkey_version']}"
    return str(info["redis_version"])
