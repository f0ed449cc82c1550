"""A RabbitMQ broker: adopted, or a private node."""

import socket
import subprocess
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from dueline.config import masked
from local.services.binaries import Source
from local.services.folder import Folder
from local.services.model import (
    NO_SETTINGS,
    Command,
    Launch,
    NotReady,
    Progress,
    ServiceError,
    Unavailable,
    quiet,
)
from local.services.ports import HOST, free_port
from local.services.rabbitmq_download import download_rabbitmq
from local.services.rabbitmq_installation import VARIABLE, Installation, find_on_machine
from local.services.rabbitmq_node import Node
from local.services.rabbitmq_slim import slim_scripts
from local.services.server import PrivateServer, Server, adopt, start_private
from local.services.watchdog import Watchdog

_NAME = "rabbitmq"
_USER = "dueline"
_PATIENCE = timedelta(seconds=60)
_CTL_SECONDS = 30


class RabbitmqServer(PrivateServer):
    """A private broker, with its command line tool."""

    def ctl(self, *words: str) -> str:
        """Run rabbitmqctl on it and return what it says. Raises ServiceError when it fails."""
        environ = self.launch.command.environ
        done = subprocess.run(
            [f"{environ['RABBITMQ_SCRIPTS_DIR']}/rabbitmqctl", *words],
            env=environ,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=_CTL_SECONDS,
            check=False,
        )
        if done.returncode != 0:
            reason = " ".join(done.stderr.split())
            raise ServiceError(f"rabbitmqctl {' '.join(words)} failed: {reason}")
        return done.stdout


def start_rabbitmq(
    data: Path,
    *,
    environ: Mapping[str, str],
    watchdog: Watchdog | None = None,
    port: int | None = None,
    settings: Mapping[str, str] = NO_SETTINGS,
    progress: Progress = quiet,
    cache: Path | None = None,
) -> Server:
    """A RabbitMQ that takes logins: that of DUELINE_WORK_QUEUE_URL, or a private one under `data`.

    `settings` are lines of rabbitmq.conf that win over ours. What has to be downloaded is kept in
    `cache`, `data`/cache by default. Without a `watchdog` the server gets one of its own. Raises
    ServiceError; Unavailable when this machine can have none, with the reason in words.
    """
    if url := environ.get(VARIABLE):
        if urlsplit(url).scheme not in {"amqp", "amqps"}:
            raise Unavailable(f"{VARIABLE}={masked(url)} chooses another work queue")
        return adopt(_NAME, url, VARIABLE, _login, progress)
    with ExitStack() as resources:
        guard = watchdog or resources.enter_context(Watchdog())
        found = _installation(cache or data / "cache", environ, guard, progress)
        path = data / f"rabbitmq-{found.minor}"
        folder = resources.enter_context(Folder(path, progress=progress))
        server = start_private(
            RabbitmqServer,
            _plan(found, folder, settings, environ),
            folder=folder,
            watchdog=guard,
            port=port,
            progress=progress,
        )
        server.hold(resources.pop_all())
        return server


def _installation(
    cache: Path, environ: Mapping[str, str], watchdog: Watchdog, progress: Progress
) -> Installation:
    try:
        return find_on_machine(environ)
    except Unavailable as nothing:
        if Source.chosen(environ) is Source.SYSTEM:
            raise
        try:
            return download_rabbitmq(cache, environ=environ, watchdog=watchdog, progress=progress)
        except Unavailable as error:
            raise Unavailable(f"{nothing}, and {error}") from error


def _plan(
    found: Installation,
    folder: Folder,
    settings: Mapping[str, str],
    environ: Mapping[str, str],
) -> Callable[[int], Launch]:
    path = folder.path.resolve()
    scripts = slim_scripts(found.scripts, path / "slim")

    def plan(port: int) -> Launch:
        distribution = free_port(besides={port})
        node = Node(
            installation=found,
            scripts=scripts,
            folder=path,
            amqp=port,
            distribution=distribution,
            epmd=free_port(besides={port, distribution}),
        )
        return _launch(node, folder, settings, environ)

    return plan


def _launch(
    node: Node, folder: Folder, settings: Mapping[str, str], environ: Mapping[str, str]
) -> Launch:
    password = folder.password()
    node.write_files(user=_USER, password=password, settings=settings)
    url = f"amqp://{_USER}:{password}@{HOST}:{node.amqp}/%2F"
    return Launch(
        name=_NAME,
        origin=node.installation.origin,
        url=url,
        command=Command(
            argv=node.argv(),
            environ=node.environ(environ),
            folder=folder.path,
            log=folder.log,
            keeps_open=(folder.lock,),
        ),
        ports=(node.amqp, node.distribution, node.epmd),
        login=lambda: _login(url),
        patience=_PATIENCE,
    )


def _login(url: str) -> str:
    # Imported here: a program that uses another work queue does not load this driver.
    import pika
    from pika.exceptions import AMQPError

    wanted = pika.URLParameters(url)
    wanted.socket_timeout = 3
    wanted.stack_timeout = 5
    try:
        # The driver logs every refused connection as an error, so it is not asked before the port
        # is open.
        socket.create_connection((wanted.host, wanted.port), wanted.socket_timeout).close()
        connection = pika.BlockingConnection(wanted)
    except (AMQPError, OSError) as error:
        raise NotReady(str(error) or repr(error)) from error
    # The public way to the server's properties is missing in pika's blocking connection.
    version = connection._impl.server_properties["version"]  # noqa: SLF001
    connection.close()
    return version.decode() if isinstance(version, bytes) else str(version)
