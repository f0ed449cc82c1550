"""dueline keys: who may use the HTTP API."""

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TypeVar

import click

from dueline import wiring
from dueline.cli.exits import Exit
from dueline.cli.output import show_rows
from dueline.domain.api_keys import ApiKey, new_key
from dueline.domain.callers import TENANT_PATTERN, Scope
from dueline.domain.tasks import DEFAULT_TENANT, TYPE_PATTERN
from dueline.http_api.durations import parse_duration
from dueline.http_api.instants import rfc_3339

Words = TypeVar("Words", str, tuple[str, ...])


@click.group()
def keys() -> None:
    """Keys of the HTTP API (DUELINE_ACCESS=keys)."""


def matching(pattern: str) -> Callable[[click.Context, click.Parameter, Words], Words]:
    """Checks the word or words of an option or argument."""

    def check(context: click.Context, parameter: click.Parameter, given: Words) -> Words:
        for word in (given,) if isinstance(given, str) else given:
            if not re.fullmatch(pattern, word):
                raise click.BadParameter(f"{word!r} does not match {pattern}", context, parameter)
        return given

    return check


def _from_now(
    context: click.Context, parameter: click.Parameter, given: str | None
) -> datetime | None:
    if given is None:
        return None
    try:
        return wiring.clock().now() + parse_duration(given)
    except (ValueError, OverflowError) as error:
        raise click.BadParameter(str(error), context, parameter) from error


@keys.command()
@click.argument("name")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    required=True,
    type=click.Choice([scope.value for scope in Scope]),
    help="What it may do; several times for several.",
)
@click.option(
    "--tenant",
    default=DEFAULT_TENANT,
    show_default=True,
    callback=matching(TENANT_PATTERN),
    help="Whose tasks and schedules it sees and changes.",
)
@click.option(
    "--type",
    "types",
    multiple=True,
    callback=matching(TYPE_PATTERN),
    help="The only task type that it may touch; several times for several.",
)
@click.option(
    "--expires",
    "expires_at",
    callback=_from_now,
    help="How long it opens anything: P90D, PT1H. [default: until it is revoked]",
)
def create(
    name: str, scopes: Sequence[str], tenant: str, types: Sequence[str], expires_at: datetime | None
) -> None:
    """Make a key for NAME (who or what will use it), and show it once.

    The key goes to standard output, alone; it is not kept, only its digest is.
    """
    text, presented = new_key()
    wiring.key_store().add(
        ApiKey(
            id=presented.id,
            tenant=tenant,
            name=name,
            digest=presented.digest,
            scopes=frozenset(scopes),
            types=frozenset(types) or None,
            created_at=wiring.clock().now(),
            expires_at=expires_at,
        )
    )
    click.echo(f"Key {presented.id} of tenant {tenant}. It is shown this once:", err=True)
    click.echo(text)


@keys.command("list")
@click.option("--tenant", help="Those of one tenant. [default: of all]")
def list_(tenant: str | None) -> None:
    """Show the keys, but for what is secret of them."""
    rows: list[tuple[str, ...]] = [
        ("ID", "TENANT", "NAME", "SCOPES", "TYPES", "CREATED", "LAST USED", "ENDS")
    ]
    rows += [_row(key) for key in wiring.key_store().keys(tenant=tenant)]
    show_rows(rows)


@keys.command()
@click.argument("key_id", metavar="ID")
@click.pass_context
def revoke(context: click.Context, key_id: str) -> None:
    """End the key with this ID. Functions go on with it for half a minute at most."""
    key = wiring.key_store().revoke(key_id, now=wiring.clock().now())
    if key is None or key.revoked_at is None:
        click.echo(f"Error: no key has the id {key_id!r}; see `dueline keys list`", err=True)
        context.exit(Exit.NOT_FOUND)
    click.echo(f"key {key.id} ({key.name}) is revoked since {rfc_3339(key.revoked_at)}")


def _row(key: ApiKey) -> tuple[str, ...]:
    ends = f"expires {_minute(key.expires_at)}" if key.expires_at else "-"
    if key.revoked_at:
        ends = f"revoked {_minute(key.revoked_at)}"
    return (
        key.id,
        key.tenant,
        key.name,
        " ".join(sorted(key.scopes)),
        " ".join(sorted(key.types)) if key.types else "all",
        _minute(key.created_at),
        _minute(key.last_used_at),
        ends,
    )


def _minute(instant: datetime | None) -> str:
    return f"{instant:%Y-%m-%dT%H:%MZ}" if instant else "-"
