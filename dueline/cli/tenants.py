"""dueline tenants: what each may ask for."""

from math import isnan

import click

from dueline import wiring
from dueline.cli.keys import matching
from dueline.cli.output import show_rows
from dueline.domain.callers import TENANT_PATTERN
from dueline.domain.limits import Limits


def _a_number(
    context: click.Context, parameter: click.Parameter, given: float | None
) -> float | None:
    """A range lets NaN in: it is neither below nor above."""
    if given is not None and isnan(given):
        raise click.BadParameter("nan is no number of requests", context, parameter)
    return given


@click.group()
def tenants() -> None:
    """Tenants: those that keys name. None has to be made first."""


@tenants.command()
@click.argument("tenant", callback=matching(TENANT_PATTERN))
@click.option(
    "--rate",
    type=click.FloatRange(0, 1_000_000),
    callback=_a_number,
    help="Requests per second; 0: any.",
)
@click.option("--burst", type=click.IntRange(1, 1_000_000), help="Requests at once.")
@click.option(
    "--waiting",
    type=click.IntRange(0, 1_000_000_000),
    help="Tasks that have not ended; 0: any number.",
)
def limit(tenant: str, rate: float | None, burst: int | None, waiting: int | None) -> None:
    """Say what TENANT may ask for, within half a minute, in place of what was said before.

    What is left out is as the settings say: DUELINE_RATE, DUELINE_BURST, DUELINE_MOST_WAITING.
    """
    wiring.key_store().limit(tenant, Limits(rate=rate, burst=burst, most_waiting=waiting))
    click.echo(f"the limits of tenant {tenant} are set")


@tenants.command("list")
def list_() -> None:
    """Show the tenants that have limits of their own; all others have those of the settings."""
    rows: list[tuple[str, ...]] = [("TENANT", "RATE", "BURST", "WAITING")]
    for tenant, limits in wiring.key_store().limits().items():
        said = (limits.rate, limits.burst, limits.most_waiting)
        rows.append((tenant, *map(_shown, said)))
    show_rows(rows)


def _shown(limit: float | None) -> str:
    if limit is None:
        return "setting"
    return f"{limit:.15g}" if limit else "any"
