"""dueline stats: how many tasks are in each status, and how they fared lately."""

from typing import Any

import click

from dueline.cli import values
from dueline.cli.api import Api, calls_api
from dueline.cli.waiting import repeated, watch_option


@click.command()
@click.option("--type", "type_", metavar="TYPE", help="Of this type alone.")
@click.option("--queue", help="Of this queue alone.")
@click.option("--kinds", is_flag=True, default=None, help="Also by type and queue.")
@click.option("--window", type=values.duration, help="Also what happened lately: 15m, 1h.")
@watch_option
@calls_api
def stats(api: Api, *, type_: str | None, every: float | None, **which: Any) -> None:
    """Count the tasks of every status."""
    repeated(lambda: api.output.one(api.client.stats(type=type_, **which)), every)
