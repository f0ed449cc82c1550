"""dueline db: the database."""

import click

from dueline import wiring
from dueline.config import masked


@click.group()
def db() -> None:
    """The database."""


@db.command()
def apply() -> None:
    """Make or complete the tables of schema.sql. Safe to repeat."""
    # Here, not above: `dueline --help` need not load the driver.
    from dueline.task_store.schema import apply_schema

    url = wiring.postgres_url()
    apply_schema(url)
    click.echo(f"schema.sql is applied to {masked(url)}")
