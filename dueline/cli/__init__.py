"""The command line: `dueline --help`. It reads the same DUELINE_* variables as the functions."""

import click

from dueline.cli.db import db
from dueline.cli.queues import queues
from dueline.domain.errors import DuelineError


class _Commands(click.Group):
    """Shows dueline's own errors as one line: they name what is wrong and how to mend it."""

    def invoke(self, context: click.Context) -> object:
        try:
            return super().invoke(context)
        except (DuelineError, OSError) as error:  # OSError: no file, no route, no listener
            raise click.ClickException(str(error)) from error


@click.group(cls=_Commands)
def main() -> None:
    """Prepare and operate a dueline installation."""


main.add_command(db)
main.add_command(queues)
