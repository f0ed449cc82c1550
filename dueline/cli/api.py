"""What every command that calls the HTTP API shares: where it is, and how answers are shown."""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import click

from dueline.cli import values
from dueline.cli.exits import ProblemFailure, exit_of
from dueline.cli.output import Format, Output, format_option
from dueline.client import ApiError, Client


@dataclass(frozen=True, slots=True)
class Api:
    """The client, and the output that its answers go to."""

    client: Client
    output: Output


def calls_api(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command an Api as its first argument; and options: where the API is, and so on."""

    @click.option("--url", envvar="DUELINE_URL", help="Where the API is. [env: DUELINE_URL]")
    @click.option(
        "--patience",
        type=values.duration,
        default="10s",
        show_default=True,
        help="How long to ask again while nothing answers.",
    )
    @format_option
    @functools.wraps(command)
    def called(
        *args: Any, url: str | None, patience: timedelta, output: Output, **kwargs: Any
    ) -> Any:
        with _client(url, patience) as client:
            try:
                return command(Api(client, output), *args, **kwargs)
            except ApiError as error:
                if output.format is Format.TABLE or not error.code:
                    raise
                raise ProblemFailure(error.body.decode(), exit_of(error)) from error

    return called


def _client(url: str | None, patience: timedelta) -> Client:
    try:
        return Client(url, give_up_after=patience)
    except ValueError as error:
        raise click.BadParameter(str(error), param_hint="--url") from error
