"""The command line: `dueline --help`. It reads the same DUELINE_* variables as the functions."""

import click

from dueline.cli.commands import Commands


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="dueline")
def main() -> None:
    """Use, prepare and operate a dueline installation.

    task, schedule and stats call the HTTP API at DUELINE_URL with the key in DUELINE_API_KEY.
    db, queues, keys and doctor talk to the servers that DUELINE_POSTGRES_URL and its like name.
    """
