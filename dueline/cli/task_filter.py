"""Which tasks: the options that choose some of many."""

from collections.abc import Callable, Sequence
from typing import Any

import click

from dueline.cli import values
from dueline.domain.tasks import TaskStatus

_OPTIONS = (
    click.option(
        "--status",
        "statuses",
        multiple=True,
        type=click.Choice([each.value for each in TaskStatus]),
        help="In this status; repeatable.",
    ),
    click.option("--type", "types", multiple=True, help="Of this type; repeatable."),
    click.option("--queue", help="Of this queue."),
    click.option("--tag", help="With this tag."),
    click.option("--schedule", help="Made by the schedule with this id."),
    click.option("--payload", type=values.json, help="JSON that the payload contains."),
    click.option("--execute-from", type=values.time, help="To run at this time or later."),
    click.option("--execute-to", type=values.time, help="To run before this time."),
    click.option("--created-from", type=values.time, help="Made at this time or later."),
    click.option("--created-to", type=values.time, help="Made before this time."),
)


def filter_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """Give a command the options of a filter."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def filter_of(
    *, statuses: Sequence[str] = (), types: Sequence[str] = (), **which: Any
) -> dict[str, Any]:
    """What the client takes, of what the options gave."""
    return {**which, "status": list(statuses) or None, "type": list(types) or None}
