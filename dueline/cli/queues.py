"""dueline queues: the broker."""

import click

from dueline import wiring


@click.group()
def queues() -> None:
    """The queues of the broker."""


@queues.command()
def apply() -> None:
    """Declare the queue of every lane in DUELINE_QUEUES. Safe to repeat."""
    lanes = wiring.settings().lanes.all()
    wiring.work_queue().declare(lanes)
    for lane in lanes:
        click.echo(f"lane {lane.name} has its queue")
