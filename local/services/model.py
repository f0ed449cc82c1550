"""The values that the modules of this folder hand to one another, and their errors."""

import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from types import MappingProxyType

from dueline.domain.errors import DuelineError

# Called with one line of words for every step. May be called from several threads.
Progress = Callable[[str], None]
NO_SETTINGS: Mapping[str, str] = MappingProxyType({})


def quiet(_line: str) -> None:
    """The progress of those who want none."""


class ServiceError(DuelineError):
    """A server could not be started, reached or used. Names it, the reason and the fix."""


class Unavailable(ServiceError):
    """There is no such server here, or the one found does not run; a caller may do without it."""


class NotReady(DuelineError):
    """The server does not take logins (yet). Only readiness checks see this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A running server as its users see it."""

    name: str  # "postgres", "redis" or "rabbitmq"
    url: str  # complete, with the password: mask it (dueline.config.masked) before printing
    version: str  # as the server itself reports it
    origin: str  # in words: "DUELINE_REDIS_URL", "/usr/bin/redis-server, private instance", …
    pid: int | None  # of the process that leads it; None when it was adopted


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """The operating system's user that a server runs as, when that is not the caller's own."""

    name: str
    uid: int
    gid: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Command:
    """A process to run: everything that is needed to run it again in the same way."""

    argv: tuple[str, ...]
    environ: Mapping[str, str]
    folder: Path  # its working directory
    log: Path  # gets stdout and stderr, appended
    stop_signal: signal.Signals = signal.SIGTERM
    account: Account | None = None
    keeps_open: tuple[int, ...] = ()  # file descriptors that it inherits


@dataclass(frozen=True, slots=True, kw_only=True)
class Launch:
    """A server to start: its process, and how to know that it is ready."""

    name: str
    origin: str
    url: str
    command: Command
    ports: tuple[int, ...]  # all that it will listen on
    login: Callable[[], str]  # logs in once and returns the version; raises NotReady
    patience: timedelta  # how long it may take to become ready
