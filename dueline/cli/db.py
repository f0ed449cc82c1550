"""dueline db: the database."""

import click

from dueline import wiring
from dueline.cli.exits import Exit, Failure
from dueline.config import masked


@click.group()
def db() -> None:
    """The database: make its tables, or compare them with schema.sql."""


@db.command()
def apply() -> None:
    """Make or complete the tables of schema.sql. Safe to repeat."""
    # Here, not above: `dueline --help` need not load the driver.
    from dueline.task_store.schema import apply_schema

    url = wiring.postgres_url()
    apply_schema(url)
    click.echo(f"schema.sql is applied to {masked(url)}")


@db.command()
def check() -> None:
    """Compare the tables with schema.sql; change nothing. Exit code 1 where they differ."""
    from dueline.task_store.schema_check import schema_differences

    url = wiring.postgres_url()
    differences = schema_differences(url)
    for difference in differences:
        click.echo(difference)
    if differences:
        raise Failure("`dueline db apply` adds what is missing", Exit.FAILED)
    click.echo(f"{masked(url)} has what schema.sql makes")
