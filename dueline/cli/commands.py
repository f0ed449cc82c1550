"""The group that all commands are in: it imports a command when it is used, and gives every
error its exit code."""

from importlib import import_module

import click

from dueline.cli.exits import failure_of
from dueline.domain.errors import DuelineError

# Name → module and attribute. `dueline task list` need not load the driver of a database.
COMMANDS = {
    "completion": "dueline.cli.completion:completion",
    "db": "dueline.cli.db:db",
    "doctor": "dueline.cli.doctor:doctor",
    "keys": "dueline.cli.keys:keys",
    "queues": "dueline.cli.queues:queues",
    "schedule": "dueline.cli.schedule:schedule",
    "stats": "dueline.cli.stats:stats",
    "task": "dueline.cli.task:task",
    "tenants": "dueline.cli.tenants:tenants",
}


class Commands(click.Group):
    """Shows dueline's own errors as one line: they name what is wrong and how to mend it."""

    def list_commands(self, context: click.Context) -> list[str]:  # noqa: ARG002
        return list(COMMANDS)

    def get_command(self, context: click.Context, name: str) -> click.Command | None:  # noqa: ARG002
        if name not in COMMANDS:
            return None
        module, _, attribute = COMMANDS[name].partition(":")
        command: click.Command = getattr(import_module(module), attribute)
        return command

    def invoke(self, context: click.Context) -> object:
        try:
            return super().invoke(context)
        except (DuelineError, OSError) as error:  # OSError: no file, no route, no listener
            raise failure_of(error) from error
        except KeyboardInterrupt:
            context.exit(130)  # as a shell does: 128 and the number of SIGINT
