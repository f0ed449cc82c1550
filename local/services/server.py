"""A running server as its users hold it: adopted, or a private instance of ours."""

import signal
import time
from abc import ABC, abstractmethod
from collections.abc import Callable
from contextlib import ExitStack
from types import TracebackType
from typing import TypeVar

from dueline.config import masked
from local.services.folder import Folder
from local.services.model import Launch, NotReady, Progress, Service, ServiceError
from local.services.ports import is_free
from local.services.process import EndedEarly, Process, wait_until_ready
from local.services.watchdog import Watchdog

_PORT_TRIES = 3


class Server(ABC):
    """A server that runs. As a context manager it is stopped at the end."""

    @property
    @abstractmethod
    def service(self) -> Service:
        """What there is to know about it now."""

    @abstractmethod
    def stop(self) -> None:
        """Stop it if it is ours; nothing of it runs on return. May be called twice."""

    @abstractmethod
    def kill(self, number: signal.Signals = signal.SIGKILL) -> None:
        """For tests of faults: send SIGKILL, SIGSTOP or SIGCONT to all of its processes.

        After SIGKILL none of them lives on return. Raises ServiceError if it is not ours.
        """

    @abstractmethod
    def restart(self) -> None:
        """Run it again, on the same port and data; ready on return.

        It is stopped first unless it was killed. Raises ServiceError if it is not ours.
        """

    def __enter__(self) -> "Server":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.stop()


class AdoptedServer(Server):
    """A server of someone else: never stopped, nor signalled, nor started again."""

    def __init__(self, service: Service) -> None:
        self._service = service

    @property
    def service(self) -> Service:
        return self._service

    def stop(self) -> None:
        """It goes on: it is not ours."""

    def kill(self, number: signal.Signals = signal.SIGKILL) -> None:
        raise self._not_ours(f"send {number.name} to")

    def restart(self) -> None:
        raise self._not_ours("restart")

    def _not_ours(self, verb: str) -> ServiceError:
        name, origin = self._service.name, self._service.origin
        return ServiceError(f"{name} comes from {origin}: it is not ours to {verb}")


class PrivateServer(Server):
    """A server of our own."""

    def __init__(self, launch: Launch, watchdog: Watchdog) -> None:
        """Start it; it is ready on return. Raises Unavailable when it does not become ready."""
        self.launch = launch
        self._watchdog = watchdog
        self._holds = ExitStack()
        self._stopped = False
        self._run()

    @property
    def service(self) -> Service:
        return Service(
            name=self.launch.name,
            url=self.launch.url,
            version=self._version,
            origin=self.launch.origin,
            pid=self._process.pid,
        )

    def stop(self) -> None:
        if not self._stopped:
            self._stopped = True
            self._process.end()
            self._holds.close()

    def kill(self, number: signal.Signals = signal.SIGKILL) -> None:
        self._process.send(number)

    def restart(self) -> None:
        if self._stopped:
            raise ServiceError(f"{self.launch.name} was stopped for good: start a new one")
        self._process.end()
        self._run()

    def hold(self, resources: ExitStack) -> None:
        """Take over what is to be released when the server has been stopped."""
        self._holds = resources

    def _run(self) -> None:
        self._process = Process(self.launch.command, self._watchdog)
        try:
            self._version = wait_until_ready(self._process, self.launch)
        except BaseException:
            self._process.end()
            raise


S = TypeVar("S", bound=PrivateServer)


def start_private(
    kind: Callable[[Launch, Watchdog], S],
    plan: Callable[[int], Launch],
    *,
    folder: Folder,
    watchdog: Watchdog,
    port: int | None,
    progress: Progress,
) -> S:
    """Start a server of our own as `plan` says for a port: the wanted one, or one that is free.

    Another port is tried when the free one was taken in the meantime.
    """
    started = time.monotonic()
    for tries_left in reversed(range(_PORT_TRIES)):
        launch = plan(folder.port(port))
        try:
            server = kind(launch, watchdog)
        except EndedEarly:
            taken = not all(is_free(port) for port in launch.ports)
            if not taken or port is not None or not tries_left:
                raise
            continue
        service, seconds = server.service, time.monotonic() - started
        progress(
            f"{service.name}: {service.version} ready on {masked(service.url)} "
            f"after {seconds:.1f} s ({service.origin})"
        )
        return server
    raise AssertionError("the last try returns or raises")


def adopt(
    name: str, url: str, variable: str, login: Callable[[str], str], progress: Progress
) -> Server:
    """Use a server that someone else runs. Raises ServiceError if it does not take our login."""
    try:
        version = login(url)
    except NotReady as error:
        raise ServiceError(
            f"{variable}={masked(url)} cannot be used: {error}. Start that server or mend the URL; "
            f"or unset {variable}, and a private {name} is started"
        ) from error
    progress(f"{name}: {version} at {masked(url)}, from {variable}")
    return AdoptedServer(Service(name=name, url=url, version=version, origin=variable, pid=None))
