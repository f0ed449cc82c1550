"""dueline completion: what a shell needs to complete the commands."""

import click
from click.shell_completion import get_completion_class


@click.command()
@click.argument("shell", type=click.Choice(["bash", "zsh", "fish"]))
@click.pass_context
def completion(context: click.Context, shell: str) -> None:
    """Print the completion of SHELL: eval "$(dueline completion bash)" in its start file."""
    made = get_completion_class(shell)
    assert made is not None  # noqa: S101 - click has these three
    source = made(context.find_root().command, {}, "dueline", "_DUELINE_COMPLETE").source()
    click.echo(source)
